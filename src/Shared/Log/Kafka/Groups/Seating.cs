using Microsoft.Extensions.Logging;

namespace Lambda.Log.Kafka.Groups;

/// <summary>
/// The seat of a process for as long as it takes part in a group: the first, another one when somebody else came by its name, and one later when none was to be had. Its methods
/// are called one after the other; only <see cref="IsOffered"/> may be asked meanwhile.
/// </summary>
internal sealed class Seating : IAsyncDisposable
{
    /// <summary>How long lies between two attempts of a process without a seat: to join anew costs the group a moment, and nothing hurts until the process is killed.</summary>
    public static readonly TimeSpan BetweenAttempts = TimeSpan.FromMinutes(1);

    /// <summary>Fences with longer between them have nothing to do with each other: two that hold the same seat take turns within seconds.</summary>
    public static readonly TimeSpan BetweenTroubles = TimeSpan.FromMinutes(10);

    // Who holds a seat is fenced once at most. More often in one trouble means that two hold the same, and these would take turns for ever.
    private const int MostFences = 3;

    // Null where members need no names, or there is nothing to take them from.
    private readonly ISeats? _seats;
    private readonly string _group;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();

    // Those of one trouble, and when the last of them was.
    private int _fences;
    private long _fenced;

    // Asks on where there should be a seat and is none; its result is a seat, or null when it was told to stop.
    private Task<ISeat?>? _asking;

    /// <param name="seats">Where seats are taken from; null for a process that needs none.</param>
    /// <param name="group">Whose seats.</param>
    /// <param name="time">Measures the pauses between attempts.</param>
    /// <param name="logger">Told what operators should know.</param>
    public Seating(ISeats? seats, string group, TimeProvider time, ILogger logger)
    {
        _seats = seats;
        _group = group;
        _time = time;
        _logger = logger;
    }

    /// <summary>The seat by which to take part; null to do so without a name.</summary>
    public ISeat? Seat { get; private set; }

    /// <summary>Whether a process that takes part without a name could do so by a seat now. It leaves the group then, and joins anew after <see cref="AcceptAsync"/>.</summary>
    public bool IsOffered => _asking is { IsCompleted: true };

    /// <summary>Takes a seat if one can be had, before the group is joined for the first time.</summary>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        if (_seats is null)
        {
            return;
        }

        Seat = await TryTakeAsync(_seats, cancellationToken).ConfigureAwait(false);
        AskOnWithoutSeat(_seats);
    }

    /// <summary>Takes another seat, as somebody has joined by the name of this one.</summary>
    public async Task ReplaceAsync(CancellationToken cancellationToken)
    {
        ISeat? former = Seat;
        _fences = _time.GetElapsedTime(_fenced) < BetweenTroubles ? _fences + 1 : 1;
        _fenced = _time.GetTimestamp();
        if (_seats is null || _fences >= MostFences)
        {
            KafkaTelemetry.GoesOnWithoutName(_logger, _group, _fences);
            Seat = null;
        }
        else
        {
            // Taken while the former one may still be held: whoever has come by its name keeps that, so that both have one of their own at once.
            Seat = await TryTakeAsync(_seats, cancellationToken).ConfigureAwait(false);
            AskOnWithoutSeat(_seats);
        }

        await FreeAsync(former).ConfigureAwait(false);
    }

    /// <summary>Takes the seat that is offered.</summary>
    public async Task AcceptAsync()
    {
        if (_asking is { } asking)
        {
            _asking = null;
            Seat = await asking.ConfigureAwait(false);
        }
    }

    /// <summary>Gives back what is held.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await FreeAsync(Seat).ConfigureAwait(false);
        if (_asking is { } asking)
        {
            await FreeAsync(await asking.ConfigureAwait(false)).ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private static ValueTask FreeAsync(ISeat? seat) => seat?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void AskOnWithoutSeat(ISeats seats)
    {
        if (Seat is null)
        {
            _asking = AskOnAsync(seats);
        }
    }

    private async Task<ISeat?> AskOnAsync(ISeats seats)
    {
        while (true)
        {
            await Task.Delay(BetweenAttempts, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested)
            {
                return null;
            }

            if (await TryTakeAsync(seats, _stop.Token).ConfigureAwait(false) is { } seat)
            {
                KafkaTelemetry.JoinsByLateSeat(_logger, _group, seat.Name);
                return seat;
            }
        }
    }

    private async ValueTask<ISeat?> TryTakeAsync(ISeats seats, CancellationToken cancellationToken)
    {
        try
        {
            return await seats.TakeAsync(_group, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody will take part.
            return null;
        }
    }
}
