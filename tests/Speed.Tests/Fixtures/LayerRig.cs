using Lambda.Definition;
using Lambda.Log;
using Lambda.Replays;
using Lambda.Speed.Telemetry;
using Lambda.Store;
using Lambda.Views;
using Microsoft.Extensions.Logging;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>A speed layer over one stream of the platform, as one process would run it.</summary>
internal sealed class LayerRig : IAsyncDisposable
{
    private readonly SpeedLayer _layer;
    private readonly StreamDefinition _stream;
    private volatile bool _isDead;

    public LayerRig(
        Platform platform, StreamDefinition stream, SpeedOptions options, TimeProvider? time = null, Catalog? catalog = null, IPartitionGroup? group = null,
        IArchivedRecords? archive = null, IEditionStore? editions = null)
    {
        _stream = stream;
        Log = new ObservedLog(platform.Log) { BeforeRead = (_, _) => ThrowIfDead(), BeforeWait = (_, _) => ThrowIfDead() };
        Store = new ObservedStore(platform.Store)
        {
            Before = _ =>
            {
                ThrowIfDead();
                return Task.CompletedTask;
            },
        };
        Metrics = new SpeedMetrics(platform.Meters, time);
        _layer = new SpeedLayer(
            catalog ?? Readings.Catalog(stream.Name, stream.Partitions),
            Log,
            group ?? new SoleMemberGroup(Log, TimeProvider.System),
            Store,
            editions ?? platform.Store,
            archive ?? new NoArchivedRecords(platform.Store),
            options,
            time ?? TimeProvider.System,
            Committed,
            Metrics,
            Messages);
    }

    public ObservedLog Log { get; }

    public ObservedStore Store { get; }

    public CommittedOffsets Committed { get; } = new();

    public SpeedMetrics Metrics { get; }

    public LoggedEvents Messages { get; } = new();

    /// <summary>What the layer does; null before it is started.</summary>
    public Task? Running => _layer.ExecuteTask;

    public Task StartAsync() => _layer.StartAsync(Waiting.Token);

    public Task StopAsync() => _layer.StopAsync(Waiting.Token).InTime();

    /// <summary>From now on nothing that this process does reaches log or store.</summary>
    public void Die() => _isDead = true;

    public void ThrowIfDead()
    {
        if (_isDead)
        {
            throw new EventLogException("This process is no more.");
        }
    }

    public Task CommittedAsync(IReadOnlyList<long> offsets) => Committed.WaitAsync(_stream.Name, offsets, Waiting.Token).InTime();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _layer.Dispose();
    }
}

/// <summary>Counts what is logged by event id.</summary>
internal sealed class LoggedEvents : ILogger<SpeedLayer>
{
    public const string Fenced = "2001";
    public const string OffsetsLost = "2002";
    public const string Restarting = "2003";
    public const string GoingOn = "2004";
    public const string LogReverted = "2005";
    public const string TakingBack = "2006";
    public const string ReplayRestarting = "2009";

    public Milestones Milestones { get; } = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Milestones.Reach($"{eventId.Id}");
}
