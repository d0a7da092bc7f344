using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;
using Lambda.TestSupport.Kafka;
using Lambda.TestSupport.Postgres;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>A broker and a database of a test's own, with the application's processes over them.</summary>
internal sealed class Installation : IAsyncDisposable
{
    /// <summary>More than the application declares: the topic is there before it.</summary>
    public const int Partitions = 6;

    /// <summary>The group of the processes that run the speed layer.</summary>
    public const string Group = "installation";

    private readonly Dictionary<string, string> _settings;
    private readonly List<AppProcess> _started = [];
    private readonly SemaphoreSlim _outages = new(1);
    private readonly List<AppProcess> _speed = [];
    private readonly Lock _lock = new();
    private int _outageCount;
    private bool _keepFolder;

    private Installation(KafkaBroker broker, PostgresCluster postgres, string database, TimeSpan sessionTimeout)
    {
        Broker = broker;
        Postgres = postgres;
        Database = database;
        ConnectionString = postgres.ConnectionString(database);
        SessionTimeout = sessionTimeout;
        _settings = new Dictionary<string, string>
        {
            ["LAMBDA_Kafka__BootstrapServers"] = broker.Bootstrap,
            ["LAMBDA_Kafka__GroupId"] = Group,
            ["LAMBDA_Kafka__ConsumerSettings__topic.metadata.refresh.interval.ms"] = "1000",
            ["LAMBDA_Kafka__SessionTimeout"] = $"{(int)sessionTimeout.TotalMilliseconds}ms",
            ["LAMBDA_Postgres__ConnectionString"] = ConnectionString,

            // Replays read it in the processes of the speed layer.
            ["LAMBDA_History"] = Path.Combine(Folder, "data", "history"),
            ["LAMBDA_CommitInterval"] = "15ms",
            ["LAMBDA_MaxEventsPerCommit"] = "20",
            ["LAMBDA_EpochInterval"] = "700ms",
            ["LAMBDA_RestartDelay"] = "200ms",
            ["LAMBDA_TakeBackDelay"] = "5s",
            ["LAMBDA_ArchiveSchedule"] = "* * * * *",
            ["LAMBDA_RecomputeSchedule"] = "* * * * *",
        };
    }

    /// <summary>Why it cannot be had on this machine; null when it can.</summary>
    public static string? WhyNot => KafkaBroker.WhyNot ?? PostgresCluster.MissingReason;

    public KafkaBroker Broker { get; }

    public PostgresCluster Postgres { get; }

    /// <summary>The database that the store is in.</summary>
    public string Database { get; }

    public string ConnectionString { get; }

    /// <summary>What tells a process of the application where everything is, as environment variables.</summary>
    public IReadOnlyDictionary<string, string> Settings => _settings;

    /// <summary>After what time without a sign of life a process loses its partitions.</summary>
    public TimeSpan SessionTimeout { get; }

    /// <summary>Where the batch layer's process has its history, and where outputs are left when a test fails.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("lambda-instances-").FullName;

    /// <summary>The process that runs the batch and the serving layer.</summary>
    public AppProcess Back { get; private set; } = null!;

    /// <summary>The processes that run the speed layer and are meant to.</summary>
    public IReadOnlyList<AppProcess> Speed
    {
        get
        {
            lock (_lock)
            {
                return [.. _speed];
            }
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Skips the test where there is no broker or no database, unless nothing may be skipped.</summary>
    public static void RequireParts()
    {
        if (WhyNot is { } reason && Environment.GetEnvironmentVariable("LAMBDA_TESTS_NO_SKIP") != "1")
        {
            Assert.Skip(reason);
        }
    }

    /// <summary>Starts broker and database, and the process that runs the batch and the serving layer.</summary>
    public static async Task<Installation> StartAsync(TimeSpan sessionTimeout)
    {
        Task<PostgresCluster> postgres = PostgresCluster.StartAsync();
        KafkaBroker broker = await KafkaBroker.StartAsync();
        PostgresCluster cluster = await postgres;
        Installation installation = new(broker, cluster, await cluster.CreateDatabaseAsync(), sessionTimeout);
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.Bootstrap }).Build();
        await admin.CreateTopicsAsync(
        [
            new TopicSpecification
            {
                Name = Beat.Stream,
                NumPartitions = Partitions,
                ReplicationFactor = 1,
                Configs = new Dictionary<string, string> { ["message.timestamp.type"] = "LogAppendTime" },
            },
        ]);
        await installation.StartBackAsync();
        return installation;
    }

    /// <summary>Gives the topic further partitions, as an administrator would.</summary>
    public async Task AddPartitionsAsync(int partitions)
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Broker.Bootstrap }).Build();
        await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = Beat.Stream, IncreaseTo = partitions }]);
    }

    /// <summary>Starts one more process for the speed layer.</summary>
    public async Task<AppProcess> StartSpeedAsync()
    {
        AppProcess process = await StartServedAsync("--layers", "speed");
        lock (_lock)
        {
            _speed.Add(process);
        }

        return process;
    }

    /// <summary>Starts a process that runs the serving layer alone.</summary>
    public Task<AppProcess> StartServingAsync() => StartServedAsync("--layers", "serving");

    /// <summary>Starts a process that runs the batch layer alone, with a folder of its own.</summary>
    public Task<AppProcess> StartBatchAsync() => StartServedAsync("--layers", "batch", "--data", Path.Combine(Folder, "batch"));

    /// <summary>Starts the process of the batch and the serving layer, the first time or again.</summary>
    public async Task StartBackAsync() => Back = await StartServedAsync("--layers", "batch,serving", "--data", Path.Combine(Folder, "data"));

    /// <summary>Asks all processes to end, and waits until they have.</summary>
    public async Task StopAllAsync()
    {
        await Task.WhenAll(Speed.Append(Back).Select(process => process.StopAsync()));
        lock (_lock)
        {
            _speed.Clear();
        }
    }

    /// <summary>A process that is about to be ended is no longer meant to run.</summary>
    public bool TryTake(AppProcess process)
    {
        lock (_lock)
        {
            return _speed.Remove(process);
        }
    }

    /// <summary>A process that was taken and lives is meant to run again.</summary>
    public void Return(AppProcess process)
    {
        lock (_lock)
        {
            _speed.Add(process);
        }
    }

    /// <summary>Takes broker or database away for a while.</summary>
    public async Task WithoutAsync(Func<Task> kill, TimeSpan time, Func<Task> startAgain)
    {
        await _outages.WaitAsync(Cancellation);
        try
        {
            Disturb();
            await kill();
            await Task.Delay(time, Cancellation);
            await startAgain();
        }
        finally
        {
            _outages.Release();
        }
    }

    /// <summary>Takes note that a process which starts just now may fail to, through no fault of its own.</summary>
    public void Disturb() => Interlocked.Increment(ref _outageCount);

    /// <summary>Fails when a process has ended that nobody ended.</summary>
    public void RequireAlive()
    {
        foreach (AppProcess process in Speed.Append(Back))
        {
            Assert.False(process.HasEnded, $"A process ended by itself:\n{process.Output}");
        }
    }

    /// <summary>What the batch and serving process answers.</summary>
    public async Task<Api> ApiAsync() => new(await Back.AddressAsync());

    /// <summary>Keeps the folder for whoever looks into a failure, with what all processes have printed.</summary>
    public void KeepFolder()
    {
        _keepFolder = true;
        for (int i = 0; i < _started.Count; i++)
        {
            File.WriteAllText(Path.Combine(Folder, $"process-{i}.txt"), _started[i].Output);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (AppProcess process in _started)
        {
            await process.DisposeAsync();
        }

        await Broker.DisposeAsync();
        await Postgres.DisposeAsync();
        if (!_keepFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    /// <summary>Starts a process, once more if broker or database were away in the meantime, as a service manager would.</summary>
    private async Task<AppProcess> StartServedAsync(params string[] arguments)
    {
        while (true)
        {
            int outagesBefore;
            await _outages.WaitAsync(Cancellation);
            outagesBefore = _outageCount;
            _outages.Release();
            AppProcess process = AppProcess.Start(typeof(Beat).Assembly.Location, _settings, ["run", "--urls", "http://127.0.0.1:0", .. arguments]);
            lock (_lock)
            {
                _started.Add(process);
            }

            try
            {
                await process.AddressAsync();
                return process;
            }
            catch (Exception) when (_outageCount > outagesBefore && process.HasEnded)
            {
                // Began at the wrong moment.
            }
        }
    }
}
