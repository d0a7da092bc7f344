using System.Globalization;
using System.Text.Unicode;
using Lambda.Log;
using Lambda.Speed.Partitions;
using Lambda.Speed.Telemetry;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Views.Plans;
using Xunit;

namespace Lambda.Speed.Tests;

/// <summary>Takes the process to itself, as what others allocate meanwhile cannot be told from what is measured.</summary>
[CollectionDefinition(nameof(SoakTests), DisableParallelization = true)]
[Collection(nameof(SoakTests))]
public class SoakTests(Platform platform)
{
    private const string EventsVariable = "LAMBDA_SOAK_EVENTS";
    private const long UsualEvents = 3_000_000;
    private const long Buffers = 12 << 20;
    private const int EventsPerSensor = 6;

    [Fact]
    public async Task Memory_stays_as_it_is_however_many_events_and_keys_have_passed()
    {
        long events = Environment.GetEnvironmentVariable(EventsVariable) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : UsualEvents;
        await using EndlessLog log = new(events);
        MeasuringStore store = new(events);
        SpeedOptions options = SpeedOptions.Default with { MaxEpochBytes = 1 << 20 };
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Waiting.Token);
        PartitionTask task = new(
            new StreamPlan(Readings.Stream()), 0, log, store, options, TimeProvider.System, new CommittedOffsets(), new SpeedMetrics(platform.Meters, TimeProvider.System));
        Task running = Task.Run(() => task.RunAsync(stop.Token), Waiting.Token);
        await Task.WhenAny(store.Done, running);
        await stop.CancelAsync();
        await running.ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.True(store.Done.IsCompletedSuccessfully, $"{running.Exception}");
        Assert.Equal(0, store.Quarantined);
        IReadOnlyList<long> bytes = store.Bytes;
        Assert.True(bytes.Count >= 12, $"{bytes.Count} epochs are too few to tell.");

        // The first ones make the buffers that the later ones use, and pooled ones stay with each thread that the task has been on. Half a million sensors
        // have passed, of each of which a few words would be more.
        double early = bytes.Skip(bytes.Count / 4).Take(bytes.Count / 4).Average();
        double late = bytes.TakeLast(bytes.Count / 4).Average();
        TestContext.Current.SendDiagnosticMessage($"{events} events, {bytes.Count} epochs, {early:N0} and {late:N0} bytes");
        Assert.True(late < early + Buffers, $"From {early:N0} to {late:N0} bytes; at the end of each epoch: {string.Join(", ", bytes)}");
    }

    /// <summary>Records that are made when they are read. Sensors come and never come back.</summary>
    private sealed class EndlessLog(long end) : IEventLog
    {
        private readonly byte[] _value = new byte[256];

        public ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken)
        {
            destination.BeginRead(offset);
            for (long next = offset; next < end; next++)
            {
                DateTimeOffset time = RandomRecords.Start.AddMilliseconds(next * 10);
                Utf8.TryWrite(
                    _value,
                    CultureInfo.InvariantCulture,
                    $$"""{"id":"{{next}}","time":"{{time:O}}","sensor":"s{{next / EventsPerSensor / 50}} {{next % 50}}","room":{{next % 200}},"units":{{next % 9}},"level":{{next % 7}}.5,"wild":1.25,"price":null}""",
                    out int length);
                if (destination.IsFullFor(length))
                {
                    break;
                }

                destination.Add(next, (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / 10, [], _value.AsSpan(0, length));
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask WaitAsync(string stream, int partition, long offset, CancellationToken cancellationToken) =>
            new(Task.Delay(offset < end ? 0 : Timeout.Infinite, cancellationToken));

        public ValueTask<OffsetRange> GetOffsetsAsync(string stream, int partition, CancellationToken cancellationToken) => new(new OffsetRange(0, end));

        public ValueTask<int> EnsureStreamAsync(string stream, int partitions, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<int> CountPartitionsAsync(string stream, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask AppendAsync(string stream, RecordBatch records, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long> FindOffsetAsync(string stream, int partition, DateTimeOffset time, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask TrimAsync(string stream, int partition, long before, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>Keeps nothing, and measures what is reachable at the end of each epoch.</summary>
    private sealed class MeasuringStore(long events) : ISpeedStore
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<long> _bytes = [];

        /// <summary>Completes when everything is committed.</summary>
        public Task Done => _done.Task;

        public long Quarantined { get; private set; }

        public IReadOnlyList<long> Bytes => _bytes;

        public ValueTask<int> GrowAsync(string stream, int partitions, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<PartitionClaim> ClaimAsync(string stream, int partition, CancellationToken cancellationToken) => new(new PartitionClaim(1, 1, 0, null));

        public ValueTask<PartialBatch> ReadLiveSessionsAsync(
            PartialLayout view, string lane, int partition, LiveSessionBound bound, CancellationToken cancellationToken) =>
            new(new PartialBatch(view));

        public ValueTask<bool> IndexAsync(PartialLayout view, string lane, int partition, CancellationToken cancellationToken) => new(false);

        public ValueTask<SealRequest> CommitAsync(SpeedCommit commit, CancellationToken cancellationToken)
        {
            Quarantined += commit.Quarantine.Count;
            if (commit.EpochEnd == EpochEnd.Seal)
            {
                _bytes.Add(GC.GetTotalMemory(forceFullCollection: true));
            }

            if (commit.NextOffset == events)
            {
                _done.SetResult();
            }

            return new(SealRequest.None);
        }

        public ValueTask<SealRequest> ReadSealRequestAsync(string stream, int partition, CancellationToken cancellationToken) => new(SealRequest.None);

        public ValueTask<IReadOnlyList<LogGap>> ReadGapsAsync(string stream, CancellationToken cancellationToken) => new((IReadOnlyList<LogGap>)[]);

        public ValueTask AcceptGapAsync(LogGap gap, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StreamStatus?> ReadStreamAsync(string stream, CancellationToken cancellationToken) => new((StreamStatus?)null);
    }
}
