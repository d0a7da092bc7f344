namespace Lambda.TestSupport.Oracle;

/// <summary>A record of the log as the oracle sees it.</summary>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">Its offset there.</param>
/// <param name="Event">The event; null when the record cannot be decoded or lies too far in the future.</param>
public sealed record OracleRecord<TEvent>(int Partition, long Offset, TEvent? Event)
    where TEvent : class;

/// <summary>A stream in plain functions.</summary>
public sealed class OracleModel<TEvent>
    where TEvent : class
{
    /// <summary>The event time in UTC microseconds since 1970; see <see cref="OracleTime"/>.</summary>
    public required Func<TEvent, long> Time { get; init; }

    /// <summary>What identifies an event; null when nothing does.</summary>
    public Func<TEvent, object>? Id { get; init; }

    /// <summary>In microseconds.</summary>
    public long OutOfOrderness { get; init; }

    /// <summary>True for a good event; the batch leaves others out.</summary>
    public Func<TEvent, bool> RowCheck { get; init; } = _ => true;

    /// <summary>Whether an expression of some view throws for the event: it then counts in no view, but has moved the watermark.</summary>
    public Func<TEvent, bool> Throws { get; init; } = _ => false;

    public required IReadOnlyList<OracleView<TEvent>> Views { get; init; }
}

/// <summary>A view in plain functions.</summary>
public sealed class OracleView<TEvent>
{
    public required string Name { get; init; }

    public Func<TEvent, bool> Filter { get; init; } = _ => true;

    /// <summary>The parts of the group key: strings, bools, integers, or instants as microseconds.</summary>
    public Func<TEvent, object?[]> Key { get; init; } = _ => [];

    /// <summary>How events are cut into windows.</summary>
    public required OracleWindows Windows { get; init; }

    /// <summary>Allowed lateness in microseconds.</summary>
    public long Lateness { get; init; }

    public required IReadOnlyList<Func<IReadOnlyList<TEvent>, object?>> Aggregates { get; init; }
}

/// <summary>Instants as the oracle counts them.</summary>
public static class OracleTime
{
    /// <summary>An instant in microseconds since 1970, parts of one cut towards the past.</summary>
    public static long Microseconds(DateTimeOffset instant) =>
        (long)Math.Floor((instant.UtcTicks - DateTime.UnixEpoch.Ticks) / 10m);
}

/// <summary>What the speed layer must say of a view.</summary>
/// <param name="Accepted">Per key and window the events that the window took.</param>
/// <param name="Late">Those that it refused.</param>
/// <param name="All">Both.</param>
public sealed record OracleSpeedResult(OracleRows Accepted, OracleRows Late, OracleRows All);

/// <summary>What the batch layer must say of a view.</summary>
/// <param name="Kept">Per key and window the events that count.</param>
/// <param name="Removed">Repetitions and those that a row check refuses.</param>
public sealed record OracleBatchResult(OracleRows Kept, OracleRows Removed);
