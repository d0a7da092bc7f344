using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Lambda.Capture.Telemetry;

/// <summary>
/// Watches the counters of one capture once a second and logs when drops begin and end, and what could not be mapped: requests count, and never log themselves.
/// </summary>
internal sealed class DropMonitor(string stream, CaptureCounters counters, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Drops that are closer together are one period.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private long[] _before = new long[Enum.GetValues<EventDropReason>().Length];
    private long _lastDropped;
    private DateTimeOffset? _began;
    private DateTimeOffset _lastDrop;
    private long _toldFailures;
    private DateTimeOffset? _toldFailuresAt;
    private ITimer? _timer;

    public void Start() => _timer = time.CreateTimer(static monitor => ((DropMonitor)monitor!).Look(), this, LookEvery, LookEvery);

    /// <summary>Looks once more and tells what a period that has not ended dropped.</summary>
    public void Dispose()
    {
        _timer?.Dispose();
        lock (_gate)
        {
            LookAtDrops();
            EndPeriod();
            TellFailures(patience: TimeSpan.Zero);
        }
    }

    private void Look()
    {
        lock (_gate)
        {
            LookAtDrops();
            if (_began is not null && time.GetUtcNow() - _lastDrop >= Quiet)
            {
                EndPeriod();
            }

            TellFailures(Quiet);
        }
    }

    private void LookAtDrops()
    {
        long dropped = counters.AllDropped;
        if (dropped == _lastDropped)
        {
            return;
        }

        _lastDropped = dropped;
        _lastDrop = time.GetUtcNow();
        if (_began is null)
        {
            _began = _lastDrop;
            logger.DropsBegan(stream, Describe());
        }
    }

    private void EndPeriod()
    {
        if (_began is { } began)
        {
            logger.DropsEnded(stream, began, _lastDrop, Describe());
            _before = [.. Enum.GetValues<EventDropReason>().Select(counters.Dropped)];
            _began = null;
        }
    }

    private void TellFailures(TimeSpan patience)
    {
        long failures = counters.Failures - _toldFailures;
        if (failures > 0 && counters.LastFailure is { } failure && (_toldFailuresAt is not { } told || time.GetUtcNow() - told >= patience))
        {
            _toldFailures += failures;
            _toldFailuresAt = time.GetUtcNow();
            logger.EventsNotMade(failure, stream, failures);
        }
    }

    private string Describe() => string.Join(
        ", ",
        from reason in Enum.GetValues<EventDropReason>()
        let count = counters.Dropped(reason) - _before[(int)reason]
        where count > 0
        select $"{count.ToString("N0", CultureInfo.InvariantCulture)} {Words(reason)}");

    private string Words(EventDropReason reason) => reason switch
    {
        EventDropReason.BufferFull => "because the buffer was full",
        EventDropReason.SpillFull => "because buffer and spill folder were full",
        EventDropReason.TooLarge => "because they were too large",
        EventDropReason.Refused => $"because the sink refused them ({counters.LastRefusal})",
        EventDropReason.Stopped => "because the application stopped",
        _ => reason.ToString(),
    };
}
