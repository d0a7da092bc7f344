using System.Threading.Channels;
using Lambda.Log;
using Lambda.Log.Kafka.Groups;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Lambda.Tests.Log.Kafka;

/// <summary>Which seat a process has while it takes part, by a clock that stands until it is moved.</summary>
public sealed class SeatingTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private readonly FewSeats _seats = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _seats.DisposeAsync();

    [Fact]
    public async Task One_that_had_none_asks_again_each_minute_until_it_is_given_one()
    {
        await using Seating seating = New();
        await seating.TakeAsync(Cancel);
        Assert.Null(seating.Seat);
        await _seats.AskedAsync();
        _time.Advance(Seating.BetweenAttempts);
        await _seats.AskedAsync();
        Assert.False(seating.IsOffered);

        _seats.Free = 1;
        await OfferedAsync(seating);

        Assert.Null(seating.Seat);
        await seating.AcceptAsync();
        Assert.Equal("seat", seating.Seat?.Name);
        Assert.False(seating.IsOffered);
    }

    [Fact]
    public async Task One_that_is_fenced_while_none_can_be_had_asks_again_too()
    {
        _seats.Free = 1;
        await using Seating seating = New();
        await seating.TakeAsync(Cancel);
        Assert.NotNull(seating.Seat);

        await seating.ReplaceAsync(Cancel);
        Assert.Null(seating.Seat);
        await OfferedAsync(seating);
        await seating.AcceptAsync();

        Assert.NotNull(seating.Seat);
    }

    [Fact]
    public async Task One_that_is_fenced_again_and_again_goes_without_and_asks_no_more()
    {
        _seats.Free = 9;
        await using Seating seating = New();
        await seating.TakeAsync(Cancel);
        await seating.ReplaceAsync(Cancel);
        await seating.ReplaceAsync(Cancel);
        Assert.NotNull(seating.Seat);

        _time.Advance(Seating.BetweenTroubles - TimeSpan.FromTicks(1));
        await seating.ReplaceAsync(Cancel);
        int asked = _seats.Asked;
        _time.Advance(Seating.BetweenAttempts);

        Assert.Null(seating.Seat);
        Assert.False(seating.IsOffered);
        Assert.Equal(9, _seats.Free);
        Assert.Equal(3, asked);
        Assert.Equal(asked, _seats.Asked);
    }

    [Fact]
    public async Task One_that_is_fenced_from_time_to_time_takes_another_each_time()
    {
        _seats.Free = 9;
        await using Seating seating = New();
        await seating.TakeAsync(Cancel);
        for (int failover = 0; failover < 5; failover++)
        {
            await seating.ReplaceAsync(Cancel);
            await seating.ReplaceAsync(Cancel);
            Assert.NotNull(seating.Seat);
            _time.Advance(Seating.BetweenTroubles);
        }

        await seating.ReplaceAsync(Cancel);
        Assert.NotNull(seating.Seat);
    }

    [Fact]
    public async Task What_is_offered_when_it_ends_is_given_back()
    {
        Seating seating = New();
        await seating.TakeAsync(Cancel);
        _seats.Free = 1;
        await OfferedAsync(seating);
        Assert.Equal(0, _seats.Free);

        await seating.DisposeAsync();

        Assert.Equal(1, _seats.Free);
    }

    [Fact]
    public async Task It_can_end_while_it_asks()
    {
        Seating seating = New();
        await seating.TakeAsync(Cancel);

        await seating.DisposeAsync().AsTask().WaitAsync(Patience, Cancel);

        Assert.Equal(1, _seats.Asked);
    }

    private Seating New() => new(_seats, "group", _time, NullLogger.Instance);

    private async Task OfferedAsync(Seating seating)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Patience);
        while (!seating.IsOffered)
        {
            limit.Token.ThrowIfCancellationRequested();
            _time.Advance(Seating.BetweenAttempts);
            await Task.Yield();
        }
    }

    /// <summary>Has as many seats as it is told.</summary>
    private sealed class FewSeats : ISeats
    {
        private readonly Channel<int> _asked = Channel.CreateUnbounded<int>();
        private volatile int _free;
        private int _count;

        public int Free
        {
            get => _free;
            set => _free = value;
        }

        public int Asked => Volatile.Read(ref _count);

        /// <summary>Completes when it was asked once more.</summary>
        public async Task AskedAsync() => await _asked.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Patience, Cancel);

        public ValueTask<ISeat?> TakeAsync(string group, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _count);
            bool has = _free > 0;
            _free -= has ? 1 : 0;
            _asked.Writer.TryWrite(0);
            return ValueTask.FromResult<ISeat?>(has ? new Seat(this) : null);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private sealed class Seat(FewSeats seats) : ISeat
        {
            public string Name => "seat";

            public ValueTask DisposeAsync()
            {
                seats.Free++;
                return ValueTask.CompletedTask;
            }
        }
    }
}
