using Lambda.Batch.History.Storage;
using Lambda.Batch.History.Storage.S3;
using Lambda.Definition;
using Lambda.Host.Tests.Support;
using Lambda.Hosting;
using Lambda.Hosting.Commands;
using Lambda.Hosting.Settings;
using Lambda.Serving.Security;
using Lambda.Windows;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Lambda.Host.Tests.Settings;

public class SettingsTests
{
    private const string Brokers = "Kafka:BootstrapServers";
    private const string Database = "Postgres:ConnectionString";

    [Fact]
    public void Nothing_set_is_one_process_with_everything_in_its_folder()
    {
        HostSettings settings = Read([]);

        Assert.Equal(Layers.All, settings.Layers);
        Assert.Null(settings.Kafka);
        Assert.Null(settings.Postgres);
        Assert.False(settings.AllowsRemote);
        Assert.Empty(settings.AllowedHosts);
        Assert.False(settings.IsShared);
    }

    [Fact]
    public void Kafka_and_PostgreSQL_are_read_with_what_librdkafka_takes()
    {
        HostSettings settings = Read(
        [
            (Brokers, "a:9092,b:9092"), ("Kafka:TopicPrefix", "shop."), ("Kafka:Settings:sasl.mechanism", "PLAIN"), ("Kafka:Settings:sasl.password", "pw"),
            (Database, "Host=db;Database=lambda"), ("Layers", "Speed, serving"), ("AllowedHosts", "lambda.internal;my_host;[fd00::1];*"),
        ]);

        Assert.Equal(("a:9092,b:9092", "shop.", "lambda-shop"), (settings.Kafka!.BootstrapServers, settings.Kafka.TopicPrefix, settings.Kafka.GroupId));
        Assert.Equal(
            new Dictionary<string, string> { ["sasl.mechanism"] = "PLAIN", ["sasl.password"] = "pw" }, new Dictionary<string, string>(settings.Kafka.Settings));
        Assert.Equal(("Host=db;Database=lambda", "lambda"), (settings.Postgres!.ConnectionString, settings.Postgres.Schema));
        Assert.Equal(Layers.Speed | Layers.Serving, settings.Layers);
        Assert.Equal(["lambda.internal", "my_host", "[fd00::1]", "*"], settings.AllowedHosts);
    }

    [Fact]
    public void The_command_line_wins()
    {
        HostSettings settings = Read(
            [(Brokers, "a:1"), (Database, "Host=db;Database=d"), ("Layers", "batch"), ("Urls", "http://127.0.0.1:1"), ("Server", "http://a:1")],
            new GivenSettings { Layers = "speed", Urls = "http://127.0.0.1:2", Server = "http://b:2/x" });

        Assert.Equal((Layers.Speed, 2, "http://b:2/x/"), (settings.Layers, settings.Address.Port, settings.Server!.ToString()));
    }

    [Theory]
    [InlineData("Kafka:BootstrapServer", "a:1", "no setting 'Kafka:BootstrapServer'", "Kafka:Settings:*")]
    [InlineData("Postgres:Password", "x", "no setting 'Postgres:Password'", "Postgres:ConnectionString")]
    [InlineData("Kafak:BootstrapServers", "a:1", "no setting 'Kafak:BootstrapServers'", "Kafka:BootstrapServers")]
    [InlineData("Kafka:GroupId", "g", "'Kafka:BootstrapServers' is missing", "broker:9092")]
    [InlineData("Postgres:Schema", "s", "'Postgres:ConnectionString' is missing", "LAMBDA_Postgres__ConnectionString")]
    [InlineData("Kafka:BootstrapServers", "", "'Kafka:BootstrapServers' is missing", "leave out all settings of Kafka")]
    [InlineData("Postgres:ConnectionString", "", "'Postgres:ConnectionString' is missing", "leave out all settings of PostgreSQL")]
    [InlineData("Postgres:ConnectionString", " ", "'Postgres:ConnectionString' is missing", "leave out all settings of PostgreSQL")]
    [InlineData("History", "", "'History' is missing", "leave out this and all settings of S3")]
    [InlineData("Kafka:GroupProtocol", "mine", "'Kafka:GroupProtocol' cannot be 'mine'", "Cooperative, Broker")]
    [InlineData("Urls", "https://127.0.0.1:8443", "speaks HTTP only", "reverse proxy")]
    [InlineData("AllowRemote", "maybe", "'AllowRemote' cannot be 'maybe'", "true or false")]
    [InlineData("Layers", "speed,cache", "no layer 'cache'", "batch, speed, serving")]
    [InlineData("Layers", ",", "No layer is named", "--layers")]
    [InlineData("Server", "localhost:8080", "no server's address", "--server")]
    [InlineData("TakeBackDelay", "0s", "'TakeBackDelay' cannot be", "more than zero")]
    [InlineData("CompareRetention", "48:00:00", "'CompareRetention' cannot be '48:00:00'", "7d or 00:05:00")]
    [InlineData("AllowedHosts", "lambda.internal;a b", "'AllowedHosts' cannot be 'a b'", "without scheme and port")]
    [InlineData("AllowedHosts", "http://lambda.internal", "'AllowedHosts' cannot be 'http://lambda.internal'", "such as lambda.example.com")]
    [InlineData("AllowedHosts", "lambda.internal:8080", "'AllowedHosts' cannot be 'lambda.internal:8080'", "without scheme and port")]
    [InlineData("AllowedHosts", "*.lambda.internal", "'AllowedHosts' cannot be '*.lambda.internal'", "* for any")]
    [InlineData("AllowedHosts", "fd00::1", "'AllowedHosts' cannot be 'fd00::1'", "in brackets, as requests do: [fd00::1]")]
    [InlineData("Kafka:ReplicationFactor", "-65535", "'Kafka:ReplicationFactor' cannot be '-65535'", "1 to 32767")]
    [InlineData("Kafka:ReplicationFactor", "32768", "'Kafka:ReplicationFactor' cannot be '32768'", "1 to 32767")]
    [InlineData("MaxWindowParts", "0", "'MaxWindowParts' cannot be '0'", "1 or more")]
    [InlineData("Workers", "1000000", "'Workers' cannot be '1000000'", "1 to 1024")]
    [InlineData("MaxPartialBytes", "0", "'MaxPartialBytes' cannot be '0'", "1 or more")]
    public void A_wrong_or_unknown_setting_is_named_with_what_may_be_there(string name, string value, string what, string remedy)
    {
        CommandException error = Assert.Throws<CommandException>(() => Read([(name, value)]));

        Assert.Equal(ExitCodes.WrongUsage, error.ExitCode);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ComitInterval", true)]
    [InlineData("workerz", true)]
    [InlineData("Kafka:GroupIdd", true)]
    [InlineData("TASK_ROOT", false)]
    [InlineData("TESTS_NO_SKIP", false)]
    [InlineData("HOME", false)]
    public void A_variable_that_is_none_is_refused_if_it_is_written_like_a_setting_and_may_belong_to_others_if_not(string name, bool isRefused)
    {
        KnownSettings known = new();
        known.Add("CommitInterval");
        known.Add("Workers");
        known.Add("Kafka:GroupId");
        ConfigurationManager configuration = new();
        configuration.AddInMemoryCollection([KeyValuePair.Create($"Lambda:{name}", (string?)"1")]);
        void Refuse() => known.RefuseOthers(configuration.GetSection("Lambda"), [name]);

        if (!isRefused)
        {
            Refuse();
            return;
        }

        CommandException error = Assert.Throws<CommandException>(Refuse);
        Assert.StartsWith($"There is no setting '{name}' (environment variable LAMBDA_{name.Replace(":", "__", StringComparison.Ordinal)}).", error.Message);
    }

    [Theory]
    [InlineData(false, false, "Kafka and PostgreSQL")]
    [InlineData(true, false, "Set up PostgreSQL")]
    [InlineData(false, true, "Set up Kafka")]
    public void A_layer_cannot_be_alone_with_a_log_or_store_that_one_process_has_to_itself(bool hasKafka, bool hasPostgres, string missing)
    {
        List<(string, string)> settings = [("Layers", "speed")];
        settings.AddRange(hasKafka ? [(Brokers, "a:1")] : []);
        settings.AddRange(hasPostgres ? [(Database, "Host=db;Database=d")] : []);

        Assert.Contains(missing, Assert.Throws<CommandException>(() => Read(settings)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:8080", "0.0.0.0")]
    [InlineData("http://[::]:8080", "::")]
    [InlineData("http://10.1.2.3:8080", "10.1.2.3")]
    public void Other_machines_are_let_in_only_when_told(string urls, string host)
    {
        Assert.Contains("AllowRemote", Assert.Throws<CommandException>(() => Read([("Urls", urls)])).Message, StringComparison.Ordinal);
        Assert.Equal(host, Read([("Urls", urls), ("AllowRemote", "true")]).Address.Hosts.Single().ToString());
    }

    [Fact]
    public void Keys_of_callers_are_read_by_their_holders_names_and_let_other_machines_in()
    {
        HostSettings settings = Read(
        [
            ("Urls", "http://0.0.0.0:8080"), ("ApiKeys:grafana:Roles", "Query"), ("ApiKeys:grafana:Sha256", new string('A', 64)),
            ("ApiKeys:loader:roles", " query , ingest"), ("ApiKeys:loader:sha256", new string('b', 64)), ("ApiKey", "lk_own"),
        ]);

        Assert.Equal(
            [("grafana", ApiRoles.Query, new string('a', 64)), ("loader", ApiRoles.Query | ApiRoles.Ingest, new string('b', 64))],
            settings.ApiKeys.Select(key => (key.Name, key.Roles, key.Sha256)).Order());
        Assert.Equal("lk_own", settings.ApiKey);
    }

    [Theory]
    [InlineData("Roles", "query", "'ApiKeys:a:Sha256' is missing")]
    [InlineData("Sha256", "hash", "'ApiKeys:a:Roles' is missing")]
    [InlineData("Roles,Sha256", "query,lk_secret", "'ApiKeys:a:Sha256' cannot be used. The hash of key 'a' is no SHA-256")]
    [InlineData("Roles,Sha256", "reader,hash", "'ApiKeys:a:Roles' cannot be 'reader'")]
    [InlineData("Roles,Sha256", "none,hash", "'ApiKeys:a:Roles' cannot be 'none'")]
    [InlineData("Roles,Sha256,Name", "admin,hash,x", "'ApiKeys:a:Name' cannot be used. A key has Roles and Sha256")]
    public void A_key_that_is_wrong_is_told_without_what_may_be_the_key(string names, string values, string what)
    {
        IEnumerable<(string, string)> settings = names.Split(',')
            .Zip(values.Split(','), (name, value) => ($"ApiKeys:a:{name}", value == "hash" ? new string('0', 64) : value));

        CommandException error = Assert.Throws<CommandException>(() => Read([.. settings]));

        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("lk_secret", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=db;Database=d;Pasword=s3cret", "'Postgres:ConnectionString' cannot be used")]
    [InlineData("Host=db;Password=s3cret", "must name a host and a database")]
    [InlineData("s3cret", "'Postgres:ConnectionString' cannot be used")]
    public void A_wrong_connection_string_is_told_without_its_secret(string connection, string what)
    {
        CommandException error = Assert.Throws<CommandException>(() => Read([(Database, connection)]));

        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.Contains("Host=db;Database=", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
    }

    /// <summary>All that was told of a missing comma is that the JSON could not be parsed.</summary>
    [Theory]
    [InlineData("{\n  \"Lambda\": {\n    \"Layers\": \"speed\"\n    \"Workers\": 2 } }", "Line 4: ")]
    [InlineData("[]", "must be an object")]
    public void A_file_of_settings_that_is_no_JSON_is_named_with_the_line(string json, string what)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("appsettings.json", json);

        CommandException error = Assert.Throws<CommandException>(() => SettingsSources.AddFile(new ConfigurationManager(), file));

        Assert.StartsWith($"The settings in '{file}' cannot be read: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    /// <summary>It ended with a stack trace.</summary>
    [Fact]
    public void A_file_of_settings_that_cannot_be_opened_is_named_with_the_reason()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("appsettings.json", "{}");
        using FileStream locked = new(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        CommandException error = Assert.Throws<CommandException>(() => SettingsSources.AddFile(new ConfigurationManager(), file));

        Assert.StartsWith($"The settings in '{file}' cannot be read: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("another process", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_of_librdkafka_that_is_none_is_refused_at_the_start() => Assert.Contains(
        "sasl.pasword", Assert.Throws<CommandException>(() => Read([(Brokers, "a:1"), ("Kafka:Settings:sasl.pasword", "x")])).Message, StringComparison.Ordinal);

    [Fact]
    public void Secrets_are_printed_by_no_part_of_the_settings()
    {
        HostSettings settings = Read(
            [
                (Brokers, "a:1"), ("Kafka:Settings:sasl.password", "s3cret"), (Database, "Host=db;Database=d;Password=s3cret"),
                ("History", "s3://lake"), ("S3:AccessKey", "me"), ("S3:SecretKey", "s3cret"),
            ]);

        Assert.DoesNotContain("s3cret", settings.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_history_may_be_in_an_object_storage()
    {
        HostSettings settings = Read(
            [("History", "s3://lake/app"), ("S3:Endpoint", "http://minio:9000"), ("S3:AccessKey", "me"), ("S3:SecretKey", "s3cret")]);

        S3Options options = Assert.IsType<HistoryLocation.InS3>(settings.History).Options;
        Assert.Equal(("lake", "app/", "me", "s3cret", true), (options.Bucket, options.Prefix, options.AccessKey, options.SecretKey, options.UsesPathStyle));
        Assert.Equal(("us-east-1", new Uri("http://minio:9000")), (options.Region, options.Endpoint));
        Assert.Null(Read([]).History);
        Assert.Equal(new HistoryLocation.Folder("/mnt/lake"), Read([("History", "/mnt/lake")]).History);
    }

    [Theory]
    [InlineData("History", "gs://lake", "Setting 'History' cannot be 'gs://lake'. Give a folder, or a location such as s3://bucket/prefix.")]
    [InlineData("History", "s3:/lake/flights", "Setting 'History' cannot be 's3:/lake/flights'. Give a folder, or a location such as s3://bucket/prefix.")]
    [InlineData("S3:Region", "eu-west-1", "Setting 'History' is missing. Give a location such as s3://bucket/prefix")]
    public void A_location_that_is_none_is_refused(string name, string value, string message) =>
        Assert.StartsWith(message, Assert.Throws<CommandException>(() => Read([(name, value)])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_key_without_its_secret_is_refused_without_being_told()
    {
        CommandException error = Assert.Throws<CommandException>(() => Read([("History", "s3://lake"), ("S3:AccessKey", "k3y")]));
        Assert.StartsWith("Setting 'S3:SecretKey' is missing.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("k3y", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The page lists the settings in tables whose first column is the name, in code.</summary>
    [Fact]
    public void Every_setting_stands_in_the_documentation_and_no_other_does()
    {
        string[] documented =
        [
            .. File.ReadLines(Repository.PathOf("docs", "configuration.md"))
                .Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1]),
        ];

        Assert.Equal(HostSettings.Names(), documented.Order(StringComparer.OrdinalIgnoreCase));
    }

    private static HostSettings Read(IEnumerable<(string Name, string Value)> settings, GivenSettings? given = null)
    {
        StreamBuilder<Click> clicks = new("clicks");
        clicks.EventTime(click => click.At).View("clicks_by_hour").Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Clicks = a.Count() });
        ConfigurationManager configuration = new();
        configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"Lambda:{setting.Name}", (string?)setting.Value)));
        return HostSettings.Read(new Application("shop", Catalog.Build([clicks]), [], configuration), given ?? new GivenSettings());
    }

    private sealed record Click(DateTimeOffset At);
}
