using Confluent.Kafka;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;
using Lambda.TestSupport.Kafka;
using Lambda.TestSupport.Postgres;
using Npgsql;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>Commands that only read, over log and store that nobody has used yet, or that others have.</summary>
public sealed class ReadingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lambda-reading-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_command_that_reads_makes_neither_topics_nor_streams_and_says_that_there_is_nothing_yet()
    {
        Installation.RequireParts();
        Task<PostgresCluster> starting = PostgresCluster.StartAsync();
        await using KafkaBroker broker = await KafkaBroker.StartAsync();
        await using PostgresCluster postgres = await starting;
        string connectionString = postgres.ConnectionString(await postgres.CreateDatabaseAsync());
        Dictionary<string, string> settings = new()
        {
            ["LAMBDA_Kafka__BootstrapServers"] = broker.Bootstrap,
            ["LAMBDA_Postgres__ConnectionString"] = connectionString,
        };

        foreach (string[] command in (string[][])[["query", Beat.SensorView], ["status"], ["compare", Beat.SensorView], ["accept-gap", Beat.Stream]])
        {
            (int exitCode, string output) = await RunAsync(settings, command);
            Assert.True(exitCode == 1 && output.Contains("There is nothing to read yet", StringComparison.Ordinal), output);
        }

        Assert.Equal((0, 0), (Topics(broker), await StreamsAsync(connectionString)));

        // One that appends makes what it needs.
        (int ingested, string said) = await RunAsync(settings, "ingest", await FileAsync());
        Assert.True(ingested == 0, said);
        Assert.Equal((1, 1), (Topics(broker), await StreamsAsync(connectionString)));
        (int queried, string answer) = await RunAsync(settings, "query", Beat.SensorView);
        Assert.True(queried == 0, answer);
    }

    [Fact]
    public async Task A_second_data_folder_over_one_store_is_refused_at_the_start()
    {
        Installation.RequireParts();
        await using PostgresCluster postgres = await PostgresCluster.StartAsync();
        Dictionary<string, string> settings = new()
        {
            ["LAMBDA_Postgres__ConnectionString"] = postgres.ConnectionString(await postgres.CreateDatabaseAsync()),
        };
        (int first, string said) = await RunAsync(settings, "ingest", await FileAsync(), "--data", Path.Combine(_folder, "one"));
        Assert.True(first == 0, said);

        (int second, string refused) = await RunAsync(settings, "ingest", await FileAsync(), "--data", Path.Combine(_folder, "other"));

        Assert.Equal(1, second);
        Assert.Contains("computed from another log", refused, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(settings, "status", "--data", Path.Combine(_folder, "one"))).ExitCode);
    }

    /// <summary>A file with an event.</summary>
    private async Task<string> FileAsync()
    {
        string file = Path.Combine(_folder, "events.ndjson");
        await File.WriteAllTextAsync(file, """{"id":"1","at":"2024-05-01T01:00:00Z","sensor":"sensor 1","value":5}""" + "\n", Cancellation);
        return file;
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(Dictionary<string, string> settings, params string[] arguments)
    {
        await using AppProcess process = AppProcess.Start(typeof(Beat).Assembly.Location, settings, arguments);
        int exitCode = await process.EndAsync();
        return (exitCode, process.Output);
    }

    private static int Topics(KafkaBroker broker)
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.Bootstrap }).Build();
        return admin.GetMetadata(TimeSpan.FromSeconds(20)).Topics.Count(topic => topic.Topic == Beat.Stream);
    }

    private static async Task<long> StreamsAsync(string connectionString)
    {
        await using NpgsqlConnection connection = new(connectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using NpgsqlCommand command = new("SELECT count(*) FROM lambda.streams", connection);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
