using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Lambda.Host.Tests.Infra;

/// <summary>What can be said of the compose file without Docker: that it names nothing that is not there, and lets nobody in.</summary>
public sealed class ComposeTests
{
    [Fact]
    public void The_platform_is_three_services_beside_what_it_needs() => Assert.Equal(
        ["batch", "grafana", "kafka", "postgres", "prometheus", "serving", "speed"], ComposeFile.Services.Select(service => service.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_service_is_built_here_or_has_an_image_of_a_certain_version() => Assert.All(ComposeFile.Services, service =>
    {
        if (service.Body["build"] is { } build)
        {
            string context = ComposeFile.PathOf((string)build["context"]!);
            Assert.Equal(Path.TrimEndingDirectorySeparator(Repository.Root), Path.TrimEndingDirectorySeparator(context));
            Assert.True(File.Exists(Path.Combine(context, (string)build["dockerfile"]!)), $"{service.Name}: no Dockerfile");
        }
        else
        {
            Assert.Matches(@"^[a-z/]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$", (string?)service.Body["image"]);
        }
    });

    [Fact]
    public void Files_that_are_mounted_and_volumes_and_networks_that_are_used_are_there_and_no_others()
    {
        List<(string Source, string Target)> mounts = [.. ComposeFile.Services.SelectMany(service => service.Mounts)];
        Assert.All(mounts.Where(mount => mount.Source.StartsWith('.')), mount => Assert.True(Path.Exists(ComposeFile.PathOf(mount.Source)), mount.Source));
        Assert.Equal(
            ComposeFile.Volumes.Order(StringComparer.Ordinal),
            mounts.Select(mount => mount.Source).Where(source => !source.StartsWith('.')).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(
            ComposeFile.Networks.Order(StringComparer.Ordinal),
            ComposeFile.Services.SelectMany(service => service.Texts("networks")).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_a_service_waits_for_is_there_and_says_when_it_is_healthy() => Assert.All(
        ComposeFile.Services.SelectMany(service => service.Body["depends_on"]?.AsObject() ?? []),
        dependency =>
        {
            Assert.Equal("service_healthy", (string?)dependency.Value!["condition"]);
            Assert.NotEmpty(ComposeFile.Service(dependency.Key).Body["healthcheck"]!["test"]!.AsArray());
        });

    [Fact]
    public void Each_process_of_the_platform_is_asked_for_its_health_by_its_own_program() => Assert.All(ComposeFile.Platform, service =>
    {
        JsonNode check = service.Body["healthcheck"]!;
        string[] entry = JsonSerializer.Deserialize<string[]>(DockerfileTests.EntryPoint)!;
        Assert.Equal(["CMD", .. entry, "health"], check["test"]!.AsArray().Select(part => (string)part!));

        // Longer than the program waits for an answer, and its own start.
        Assert.Equal("15s", (string?)check["timeout"]);
    });

    [Fact]
    public void The_platform_waits_for_log_and_store() => Assert.All(
        ComposeFile.Platform, service => Assert.Equal(["kafka", "postgres"], service.Body["depends_on"]!.AsObject().Select(dependency => dependency.Key)));

    [Fact]
    public void Every_container_has_limits_and_no_rights_and_only_the_log_can_write_to_its_root() => Assert.All(ComposeFile.Services, service =>
    {
        Assert.Equal(["ALL"], service.Texts("cap_drop"));
        Assert.Equal(["no-new-privileges:true"], service.Texts("security_opt"));
        JsonNode limits = service.Body["deploy"]!["resources"]!["limits"]!;
        Assert.NotNull(limits["cpus"]);
        Assert.NotNull(limits["memory"]);
        Assert.Equal(service.Name == "kafka" ? null : "true", (string?)service.Body["read_only"]);
        Assert.NotEqual("root", (string?)service.Body["user"]);
    });

    [Fact]
    public void Ports_are_published_on_the_loopback_interface_only() => Assert.All(
        ComposeFile.Services.SelectMany(service => service.Texts("ports")), port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));

    [Fact]
    public void Prometheus_asks_every_process_of_the_platform_and_reads_rules_that_are_mounted()
    {
        JsonObject prometheus = Yaml.Read(Repository.PathOf("infra", "prometheus", "prometheus.yml"));
        JsonArray jobs = prometheus["scrape_configs"]!.AsArray();
        string[] asked =
        [
            .. jobs.SelectMany(job => job!["static_configs"]?.AsArray() ?? []).SelectMany(target => target!["targets"]!.AsArray()).Select(target => (string)target!),
            .. jobs.SelectMany(job => job!["dns_sd_configs"]?.AsArray() ?? []).Select(found => $"{found!["names"]!.AsArray().Single()}:{found["port"]}"),
        ];
        Assert.Equal(
            ComposeFile.Platform.Select(service => $"{service.Name}:{new Uri(service.Environment["LAMBDA_Urls"]).Port}").Order(StringComparer.Ordinal),
            asked.Order(StringComparer.Ordinal));
        Assert.All(
            prometheus["rule_files"]!.AsArray(),
            file => Assert.Contains(($"./prometheus/{file}", $"/etc/prometheus/{file}"), ComposeFile.Service("prometheus").Mounts));
    }

    [Fact]
    public void Grafana_finds_Prometheus_and_the_dashboards()
    {
        JsonNode source = Yaml.Read(Repository.PathOf("infra", "grafana", "provisioning", "datasources", "prometheus.yaml"))["datasources"]!.AsArray().Single()!;
        Assert.Equal("http://prometheus:9090", (string?)source["url"]);
        Assert.Equal(Dashboard.SourceUid, (string?)source["uid"]);

        JsonNode provider = Yaml.Read(Repository.PathOf("infra", "grafana", "provisioning", "dashboards", "lambda.yaml"))["providers"]!.AsArray().Single()!;
        ComposeService grafana = ComposeFile.Service("grafana");
        Assert.Contains(("./grafana/dashboards", (string)provider["options"]!["path"]!), grafana.Mounts);
        Assert.Equal($"{provider["options"]!["path"]}/{Path.GetFileName(Dashboard.File)}", grafana.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]);
    }
}
