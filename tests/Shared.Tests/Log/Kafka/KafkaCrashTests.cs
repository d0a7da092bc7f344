using System.Globalization;
using System.Text;
using Lambda.Log;
using Lambda.Log.Kafka;
using Lambda.TestSupport.Kafka;
using Xunit;

namespace Lambda.Tests.Log.Kafka;

/// <summary>A broker of its own that is killed and comes back.</summary>
public sealed class KafkaCrashTests : IAsyncLifetime
{
    private const string Stream = "events";
    private const int Partitions = 2;

    private KafkaBroker? _broker;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        SharedBroker.SkipWithoutKafka();
        _broker = await KafkaBroker.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }
    }

    [Fact]
    public async Task Appends_and_reads_go_on_after_the_broker_was_killed_and_nothing_confirmed_is_lost_or_out_of_order()
    {
        // How long a killed broker takes to be back, on a busy machine, is not what is tried here.
        TimeSpan patience = TimeSpan.FromMinutes(3);
        var options = new KafkaOptions { BootstrapServers = _broker!.Bootstrap, RequestTimeout = patience, AppendTimeout = patience };
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        await log.EnsureStreamAsync(Stream, Partitions, Cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var progress = new Progress(Partitions);
        Task[] appending = [.. Enumerable.Range(0, 3).Select(appender => AppendAsync(log, appender, progress, stop.Token))];
        Task<List<string>>[] reading = [.. Enumerable.Range(0, Partitions).Select(partition => FollowAsync(log, partition, progress))];

        for (int crash = 0; crash < 2; crash++)
        {
            await progress.AppendedAsync(progress.Appended + 300, Cancel);
            await _broker.KillAsync();
            await _broker.StartAgainAsync();
        }

        await progress.AppendedAsync(progress.Appended + 300, Cancel);
        await stop.CancelAsync();
        await Task.WhenAll(appending);
        progress.Finish([.. await Task.WhenAll(Enumerable.Range(0, Partitions).Select(async partition => (await log.GetOffsetsAsync(Stream, partition, Cancel)).End))]);
        List<string>[] read = await Task.WhenAll(reading);

        for (int appender = 0; appender < 3; appender++)
        {
            List<int> numbers = [.. read.SelectMany(values => values).Where(value => value.StartsWith($"{appender}:", StringComparison.Ordinal))
                .Select(value => int.Parse(value.AsSpan(2), CultureInfo.InvariantCulture))];
            Assert.Equal(Enumerable.Range(0, numbers.Count), numbers);
            Assert.True(numbers.Count >= progress.Confirmed(appender), $"Appender {appender}: {progress.Confirmed(appender)} confirmed, {numbers.Count} read.");
        }
    }

    // One key per appender, so that its numbers are in one partition.
    private static async Task AppendAsync(KafkaLog log, int appender, Progress progress, CancellationToken stop)
    {
        for (int next = 0; !stop.IsCancellationRequested; next += 5)
        {
            await log.AppendAsync(Stream, [.. Enumerable.Range(next, 5).Select(number => ($"key {appender}", $"{appender}:{number}"))]);
            progress.Confirm(appender, next + 5);
        }
    }

    private static async Task<List<string>> FollowAsync(KafkaLog log, int partition, Progress progress)
    {
        var values = new List<string>();
        using var batch = new RecordBatch();
        for (long next = 0; next < progress.End(partition);)
        {
            await log.ReadAsync(Stream, partition, next, batch, Cancel);
            for (int i = 0; i < batch.Count; i++)
            {
                values.Add(Encoding.UTF8.GetString(batch.Value(i)));
            }

            next = batch.NextOffset;
            if (batch.Count == 0)
            {
                await log.WaitAsync(Stream, partition, next, progress.Finished).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        return values;
    }

    private sealed class Progress(int partitions) : IDisposable
    {
        private readonly Lock _lock = new();
        private readonly int[] _confirmed = new int[3];
        private readonly CancellationTokenSource _finished = new();
        private long[] _ends = [.. Enumerable.Repeat(long.MaxValue, partitions)];
        private (long Wanted, TaskCompletionSource Reached)? _waiting;

        public CancellationToken Finished => _finished.Token;

        public long Appended
        {
            get
            {
                lock (_lock)
                {
                    return _confirmed.Sum();
                }
            }
        }

        public int Confirmed(int appender) => _confirmed[appender];

        public long End(int partition) => Volatile.Read(ref _ends)[partition];

        public void Confirm(int appender, int count)
        {
            lock (_lock)
            {
                _confirmed[appender] = count;
                if (_waiting is { } waiting && _confirmed.Sum() >= waiting.Wanted)
                {
                    waiting.Reached.TrySetResult();
                }
            }
        }

        public async Task AppendedAsync(long wanted, CancellationToken cancellationToken)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                _waiting = (wanted, reached);
            }

            await reached.Task.WaitAsync(cancellationToken);
        }

        public void Finish(long[] ends)
        {
            Volatile.Write(ref _ends, ends);
            _finished.Cancel();
        }

        public void Dispose() => _finished.Dispose();
    }
}
