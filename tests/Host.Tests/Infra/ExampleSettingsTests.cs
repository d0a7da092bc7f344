using Lambda.Definition;
using Lambda.Hosting;
using Lambda.Hosting.Commands;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Settings;
using Lambda.Windows;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Lambda.Host.Tests.Infra;

/// <summary>Example settings and those of the containers, read as the platform reads them: a name or value that it does not know is an error.</summary>
public sealed class ExampleSettingsTests
{
    public static TheoryData<string> Examples => [.. Directory.GetFiles(Repository.PathOf("infra", "appsettings")).Select(file => Path.GetFileNameWithoutExtension(file))];

    public static TheoryData<string> Services => [.. ComposeFile.Platform.Select(service => service.Name)];

    [Fact]
    public void There_is_an_example_for_each_way_to_run() =>
        Assert.Equal(["batch", "embedded", "kafka-postgres", "serving", "speed"], Examples.Select(example => example.Data).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_is_taken_and_sets_what_its_name_says(string example)
    {
        HostSettings settings = Read(new ConfigurationBuilder().AddJsonFile(Repository.PathOf("infra", "appsettings", $"{example}.json")).Build(), new GivenSettings());

        Assert.Equal(example is "embedded" or "kafka-postgres" ? Layers.All : LayerNames.Parse(example), settings.Layers);
        Assert.Equal(example != "embedded", settings.IsShared);
        Assert.Equal(settings.Layers != Layers.All, settings.AllowsRemote);
        Assert.DoesNotContain("password", File.ReadAllText(Repository.PathOf("infra", "appsettings", $"{example}.json")), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_container_is_given_settings_that_are_taken_and_runs_the_layer_that_it_is_called_by(string name)
    {
        ComposeService service = ComposeFile.Service(name);
        HostSettings settings = Read(service);

        Assert.Equal(LayerNames.Parse(name), settings.Layers);
        Assert.Equal("kafka:9092", settings.Kafka!.BootstrapServers);
        Assert.Equal($"PLAINTEXT://{settings.Kafka.BootstrapServers}", ComposeFile.Service("kafka").Environment["KAFKA_ADVERTISED_LISTENERS"]);
        IReadOnlyDictionary<string, string> database = ComposeFile.Service("postgres").Environment;
        Assert.All(
            [$"Host=postgres", $"Database={database["POSTGRES_DB"]}", $"Username={database["POSTGRES_USER"]}", $"Password={database["POSTGRES_PASSWORD"]}"],
            part => Assert.Contains(part, service.Environment["LAMBDA_Postgres__ConnectionString"].Split(';')));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void What_a_container_keeps_is_on_a_volume(string name)
    {
        ComposeService service = ComposeFile.Service(name);
        HostSettings settings = Read(service);
        List<string> kept = [.. service.Environment.Where(variable => variable.Key == "SHOP_SPILL_FOLDER").Select(variable => variable.Value)];
        if (DataFolder.IsNeeded(settings, PlatformRole.Serve))
        {
            kept.Add(settings.DataFolder);
        }

        Assert.Equal(name == "speed" ? 0 : 1, kept.Count);
        Assert.Equal(kept, service.Mounts.Select(mount => mount.Target));
    }

    [Fact]
    public void A_setting_that_is_none_is_refused() => Assert.Contains(
        "no setting 'Kafka:BootstrapServer'",
        Assert.Throws<CommandException>(() => Read(Configuration([KeyValuePair.Create("LAMBDA_Kafka__BootstrapServer", "a:1")]), new GivenSettings())).Message,
        StringComparison.Ordinal);

    private static HostSettings Read(ComposeService service)
    {
        Assert.Equal(["run", "--layers"], service.Command.SkipLast(1));
        return Read(Configuration(service.Environment), new GivenSettings { Layers = service.Command[^1] });
    }

    /// <summary>Variables as settings of a file, of which the platform refuses every name that it does not know.</summary>
    private static IConfiguration Configuration(IEnumerable<KeyValuePair<string, string>> environment) => new ConfigurationBuilder()
        .AddInMemoryCollection(environment.Where(variable => variable.Key.StartsWith(SettingsSources.Prefix, StringComparison.Ordinal)).Select(variable =>
            KeyValuePair.Create(
                $"{SettingsSources.Section}:{variable.Key[SettingsSources.Prefix.Length..].Replace("__", ":", StringComparison.Ordinal)}", (string?)variable.Value)))
        .Build();

    private static HostSettings Read(IConfiguration configuration, GivenSettings given)
    {
        StreamBuilder<Click> clicks = new("clicks");
        clicks.EventTime(click => click.At).View("clicks_by_hour").Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Clicks = a.Count() });
        return HostSettings.Read(new Application("Shop", Catalog.Build([clicks]), [], configuration), given);
    }

    private sealed record Click(DateTimeOffset At);
}
