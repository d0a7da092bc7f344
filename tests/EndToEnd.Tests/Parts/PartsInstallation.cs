using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;
using Lambda.TestSupport.Kafka;
using Lambda.TestSupport.Postgres;
using Npgsql;

namespace Lambda.EndToEnd.Tests.Parts;

/// <summary>A broker, a database and a history of a test's own, with processes over them that compute runs in parts, one part at a time each.</summary>
internal sealed class PartsInstallation : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly PostgresCluster _postgres;
    private readonly string _connectionString;
    private readonly Dictionary<string, string> _settings;
    private readonly Dictionary<string, AppProcess> _processes = new(StringComparer.Ordinal);
    private readonly string _folder = Directory.CreateTempSubdirectory("lambda-parts-").FullName;

    private PartsInstallation(KafkaBroker broker, PostgresCluster postgres, string connectionString)
    {
        Broker = broker;
        _postgres = postgres;
        _connectionString = connectionString;
        _settings = new Dictionary<string, string>
        {
            ["LAMBDA_Kafka__BootstrapServers"] = broker.Bootstrap,
            ["LAMBDA_Postgres__ConnectionString"] = connectionString,
            ["LAMBDA_History"] = Path.Combine(_folder, "history"),
            ["LAMBDA_PartEvents"] = "100",
            ["LAMBDA_Workers"] = "1",
            ["LAMBDA_LeaseDuration"] = "3s",
            ["LAMBDA_ArchiveSchedule"] = "0 0 29 2 *",
            ["LAMBDA_RecomputeSchedule"] = "0 0 29 2 *",
        };
    }

    public KafkaBroker Broker { get; }

    /// <summary>Where runs keep their orders and what their parts have come to.</summary>
    public string Runs => Path.Combine(_folder, "history", Beat.Stream, "runs");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Skips the test where there is no broker or no database, unless nothing may be skipped.</summary>
    public static void RequireParts()
    {
        if ((KafkaBroker.WhyNot ?? PostgresCluster.MissingReason) is { } reason && Environment.GetEnvironmentVariable("LAMBDA_TESTS_NO_SKIP") != "1")
        {
            Assert.Skip(reason);
        }
    }

    /// <summary>Starts broker and database.</summary>
    public static async Task<PartsInstallation> StartAsync()
    {
        Task<PostgresCluster> starts = PostgresCluster.StartAsync();
        KafkaBroker broker = await KafkaBroker.StartAsync();
        PostgresCluster postgres = await starts;
        PartsInstallation installation = new(broker, postgres, postgres.ConnectionString(await postgres.CreateDatabaseAsync()));
        await File.WriteAllTextAsync(
            Path.Combine(installation._folder, "appsettings.json"), """{"Logging": {"LogLevel": {"Lambda.Batch.Recompute.Parts": "Information"}}}""", Cancellation);
        return installation;
    }

    /// <summary>Starts a process, which has a folder of its own beside the history that all share.</summary>
    public AppProcess Start(string name, params string[] arguments) => _processes[name] = AppProcess.Start(
        typeof(Beat).Assembly.Location, _settings, ["run", "--urls", "http://127.0.0.1:0", "--data", Path.Combine(_folder, name), .. arguments], _folder);

    /// <summary>Whether a process has cut a run into parts.</summary>
    public static bool HasRun(AppProcess process) => process.Output.Contains("[3042]", StringComparison.Ordinal);

    /// <summary>Halts a process that has computed a part and has another one in hand.</summary>
    /// <param name="process">The process.</param>
    /// <param name="status">Answers where the run stands, which must not have ended.</param>
    /// <returns>The part that it has in hand.</returns>
    public async Task<int> HaltAtWorkAsync(AppProcess process, Func<Task<JsonElement>> status)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            JsonElement now = await status();
            Assert.True(now.GetProperty("endedAt").ValueKind == JsonValueKind.Null, $"The run has ended: {now.GetRawText()}");
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"No part came to the process: {now.GetRawText()}");
            if (process.Output.Contains("[3041]", StringComparison.Ordinal))
            {
                await process.HaltAsync();
                if (await FindInHandAsync(process) is int part && !HasResult(part))
                {
                    return part;
                }

                await process.ContinueAsync();
            }

            await Task.Delay(20, Cancellation);
        }
    }

    /// <summary>Whether a run that has not ended has what a part came to.</summary>
    public bool HasResult(int part) =>
        Directory.Exists(Runs) && Directory.GetFiles(Runs, $"{part:0000}.result", SearchOption.AllDirectories).Length > 0;

    /// <summary>Has the jobs of a process that is halted go to others as if a minute had gone by without a sign of life of them, which a test cannot wait for.</summary>
    /// <returns>How many jobs those were.</returns>
    public async Task<int> ForsakeJobsAsync(AppProcess halted)
    {
        await using NpgsqlConnection jobs = new(_connectionString);
        await jobs.OpenAsync(Cancellation);
        await using NpgsqlCommand age = new(
            """
            UPDATE lambda_jobs.jobqueue q SET fetchedat = fetchedat - interval '2 minutes' FROM lambda_jobs.job j JOIN lambda_jobs.state s ON s.id = j.stateid
            WHERE q.jobid = j.id AND j.statename = 'Processing' AND s.data::jsonb ->> 'ServerId' LIKE $1
            """,
            jobs);
        age.Parameters.Add(new NpgsqlParameter { Value = $"%:{halted.Id}:%" });
        return await age.ExecuteNonQueryAsync(Cancellation);
    }

    /// <summary>Waits until something is so.</summary>
    public static async Task UntilAsync(Func<bool> isThere, string what)
    {
        long started = Stopwatch.GetTimestamp();
        while (!isThere())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"It did not come to be that {what}.");
            await Task.Delay(20, Cancellation);
        }
    }

    /// <summary>What all processes have printed.</summary>
    public string Outputs() => string.Concat(_processes.Select(process => $"{process.Key}, process {process.Value.Id}:\n{process.Value.Output}\n"));

    public async ValueTask DisposeAsync()
    {
        foreach (AppProcess process in _processes.Values)
        {
            await process.DisposeAsync();
        }

        await Broker.DisposeAsync();
        await _postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<int?> FindInHandAsync(AppProcess process)
    {
        await using NpgsqlConnection jobs = new(_connectionString);
        await jobs.OpenAsync(Cancellation);
        await using NpgsqlCommand find = new(
            """
            SELECT j.arguments::jsonb ->> 2 FROM lambda_jobs.job j JOIN lambda_jobs.state s ON s.id = j.stateid
            WHERE j.statename = 'Processing' AND s.data::jsonb ->> 'ServerId' LIKE $1
            """,
            jobs);
        find.Parameters.Add(new NpgsqlParameter { Value = $"parts:{process.Id}:%" });
        return await find.ExecuteScalarAsync(Cancellation) is string part ? int.Parse(part, CultureInfo.InvariantCulture) : null;
    }
}
