using System.Diagnostics.Metrics;
using Lambda.Log;
using Lambda.Log.Embedded;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.Views;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(Platform))]

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>A real log and a real store, which all tests share; each test has a stream of its own.</summary>
public sealed class Platform : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lambda-speed-").FullName;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private EmbeddedLog? _log;
    private EmbeddedViewStore? _store;
    private int _streams;

    internal IEventLog Log => _log!;

    internal IViewStore Store => _store!;

    internal IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public async ValueTask InitializeAsync()
    {
        FakeTimeProvider time = new(RandomRecords.AppendedAt);
        _log = EmbeddedLog.Open(new EmbeddedLogOptions { Folder = Path.Combine(_folder, "log") }, time);
        _store = await EmbeddedViewStore.OpenAsync(new EmbeddedStoreOptions { Folder = Path.Combine(_folder, "store") }, time, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        await Store.DisposeAsync();
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A new stream of readings in the log and the store.</summary>
    internal async Task<StreamDefinition> CreateStreamAsync(int partitions = 1)
    {
        StreamDefinition stream = Readings.Stream($"readings-{Interlocked.Increment(ref _streams)}", partitions);
        await RegisterAsync(stream);
        return stream;
    }

    internal async Task RegisterAsync(StreamDefinition stream)
    {
        await Log.EnsureStreamAsync(stream.Name, stream.Partitions, Waiting.Token);
        await Store.RegisterAsync(
            new StreamRegistration(stream.Name, stream.Partitions, [.. stream.Views.Select(view => view.Layout)]), Waiting.Token);
    }

    internal async Task AppendAsync(StreamDefinition stream, IEnumerable<LogRecord> records)
    {
        using RecordBatch batch = new();
        foreach (LogRecord record in records)
        {
            batch.Add(record.Key, record.Value);
        }

        await Log.AppendAsync(stream.Name, batch, Waiting.Token);
    }

    /// <summary>What the store holds of the speed layer's work.</summary>
    internal async Task<ViewAnswer> ReadAsync(ViewDefinition view)
    {
        ViewSnapshot snapshot = await Store.ReadViewAsync(
            new ViewRead(view.Layout, WindowRange.All, new Dictionary<int, object?>(), ReadScope.Speed), Waiting.Token);
        return Answers.Compose(view, [snapshot.Speed]);
    }

    /// <summary>Asserts that the store holds exactly what the records amount to: answers, quarantine, counts and offsets.</summary>
    internal async Task AssertIsWholeAsync(StreamDefinition stream, IReadOnlyCollection<LogRecord> records)
    {
        List<(int Partition, long Offset, LogRecord Record)> placed = LogRecords.Place(records, stream.Partitions);
        Dictionary<string, ViewAnswer> expected = SpeedOracle.Answer(placed);
        foreach (ViewDefinition view in stream.Views)
        {
            ViewAnswer.AssertSame(expected[view.Name], await ReadAsync(view));
        }

        QuarantinePage quarantine = await Store.ReadQuarantineAsync(stream.Name, QuarantineFilter.Any, int.MaxValue, Waiting.Token);
        Assert.Equal(
            placed.Where(row => row.Record.Refusal is not null).OrderBy(row => (row.Partition, row.Offset))
                .Select(row => (row.Partition, row.Offset, row.Record.Refusal!.Value, Convert.ToHexString(row.Record.Value))),
            quarantine.Records.OrderBy(row => (row.Partition, row.Offset))
                .Select(row => (row.Partition, row.Offset, row.Reason, Convert.ToHexString(row.Value.Span))));
        StreamStatus status = (await Store.ReadStreamAsync(stream.Name, Waiting.Token))!;
        Assert.Equal(records.Count(record => record.Refusal is null), status.Partitions.Sum(partition => partition.Accepted));
        Assert.Equal(records.Count(record => record.Refusal is not null), status.Partitions.Sum(partition => partition.Quarantined));
        Assert.Equal(Ends(records, stream.Partitions), status.Partitions.Select(partition => partition.NextOffset));
        await AssertEpochsAreContiguousAsync(stream);
    }

    internal async Task AssertEpochsAreContiguousAsync(StreamDefinition stream)
    {
        foreach (IGrouping<int, EpochInfo> partition in (await Store.ReadEpochsAsync(stream.Name, Waiting.Token)).GroupBy(epoch => epoch.Partition))
        {
            List<EpochInfo> epochs = [.. partition.OrderBy(epoch => epoch.Epoch)];
            Assert.Equal(0, epochs[0].Offsets.Start);
            Assert.Equal(epochs.Skip(1).Select(epoch => epoch.Offsets.Start), epochs.SkipLast(1).Select(epoch => epoch.Offsets.End));
            Assert.All(epochs.SkipLast(1), epoch => Assert.Equal(EpochState.Sealed, epoch.State));
            Assert.Equal(EpochState.Open, epochs[^1].State);
        }
    }

    /// <summary>Where each partition ends once the records are appended.</summary>
    internal static List<long> Ends(IEnumerable<LogRecord> records, int partitions)
    {
        List<(int Partition, long Offset, LogRecord Record)> placed = LogRecords.Place(records, partitions);
        return [.. Enumerable.Range(0, partitions).Select(partition => placed.LongCount(row => row.Partition == partition))];
    }
}
