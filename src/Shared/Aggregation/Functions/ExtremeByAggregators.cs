using Lambda.Aggregation.Sql;
using Lambda.Aggregation.Values;

namespace Lambda.Aggregation.Functions;

/// <summary>Which rank wins.</summary>
internal interface IRankOrder<TRank, TRankCodec>
    where TRankCodec : struct, IValueCodec<TRank>
{
    /// <summary>Names the function in signatures.</summary>
    static abstract string Name { get; }

    /// <summary>The terms of ORDER BY that put the rank that wins first, which is the state column <c>{4}</c>.</summary>
    static abstract string SqlOrder { get; }

    /// <summary>Whether a rank wins over the one that is held.</summary>
    static abstract bool Wins(TRank rank, TRank held);
}

/// <summary>The least rank wins, as in Min.</summary>
internal readonly struct LeastRank<TRank, TRankCodec> : IRankOrder<TRank, TRankCodec>
    where TRankCodec : struct, IValueCodec<TRank>
{
    public static string Name => "minby";

    public static string SqlOrder => SqlValues<TRank, TRankCodec>.LeastFirst("{4}");

    public static bool Wins(TRank rank, TRank held) => Extremes<TRank, TRankCodec>.IsLess(rank, held);
}

/// <summary>The greatest rank wins, as in Max.</summary>
internal readonly struct GreatestRank<TRank, TRankCodec> : IRankOrder<TRank, TRankCodec>
    where TRankCodec : struct, IValueCodec<TRank>
{
    public static string Name => "maxby";

    public static string SqlOrder => "{4} DESC";

    public static bool Wins(TRank rank, TRank held) => Extremes<TRank, TRankCodec>.IsGreater(rank, held);
}

/// <summary>
/// The value of the event with the least or the greatest rank; of several the earliest event's; null when there is none.
/// </summary>
internal readonly struct ExtremeByAggregator<TValue, TCodec, TRank, TRankCodec, TOrder>
    : IAggregator<Timed<Ranked<TValue, TRank>>, TimedState<Ranked<TValue, TRank>>, object?>, ITypedResult, ISqlAggregator
    where TCodec : struct, IValueCodec<TValue>
    where TRankCodec : struct, IValueCodec<TRank>
    where TOrder : struct, IRankOrder<TRank, TRankCodec>
{
    private static readonly IReadOnlyList<StateColumn> Columns =
        [.. TimedColumns<TValue, TCodec>.Columns, new StateColumn("rank", TRankCodec.Column, IsNullable: true)];

    public string Signature => $"{TOrder.Name}({TCodec.Name}, {TRankCodec.Name})";

    public IReadOnlyList<StateColumn> StateColumns => Columns;

    public IReadOnlyList<SqlColumn> SqlColumns => SqlValues<TRank, TRankCodec>.AreOrdered
        ? SqlValues<TValue, TCodec>.Picked($"{TOrder.SqlOrder}, {{1}}, {{2}}, {{3}}, {{0}}")
        : [];

    public Type ResultType => TCodec.ShownAs;

    public TimedState<Ranked<TValue, TRank>> CreateAccumulator() => default;

    public void Add(ref TimedState<Ranked<TValue, TRank>> accumulator, Timed<Ranked<TValue, TRank>> value)
    {
        TRank rank = TRankCodec.Canonical(value.Value.Rank);
        if (!accumulator.HasValue || TOrder.Wins(rank, accumulator.Value.Rank)
            || (TRankCodec.AreEqual(rank, accumulator.Value.Rank) && IsBefore(value, in accumulator)))
        {
            accumulator = new TimedState<Ranked<TValue, TRank>>
            {
                Value = new Ranked<TValue, TRank>(TCodec.Canonical(value.Value.Value), rank),
                Moment = value.Moment,
                HasValue = true,
            };
        }
    }

    public void Merge(ref TimedState<Ranked<TValue, TRank>> accumulator, in TimedState<Ranked<TValue, TRank>> other)
    {
        if (other.HasValue)
        {
            Add(ref accumulator, new Timed<Ranked<TValue, TRank>>(other.Value, other.Moment));
        }
    }

    public object? GetResult(in TimedState<Ranked<TValue, TRank>> accumulator) =>
        accumulator.HasValue ? TCodec.Show(accumulator.Value.Value) : null;

    public void Write(in TimedState<Ranked<TValue, TRank>> accumulator, StateWriter writer)
    {
        TimedColumns<TValue, TCodec>.Write(
            new TimedState<TValue> { Value = accumulator.Value.Value, Moment = accumulator.Moment, HasValue = accumulator.HasValue }, writer);
        if (accumulator.HasValue)
        {
            TRankCodec.WriteColumn(accumulator.Value.Rank, writer);
        }
        else
        {
            writer.WriteNull();
        }
    }

    public TimedState<Ranked<TValue, TRank>> Read(StateReader reader)
    {
        TimedState<TValue> held = TimedColumns<TValue, TCodec>.Read(reader);
        if (!held.HasValue)
        {
            reader.Skip();
            return default;
        }

        return new TimedState<Ranked<TValue, TRank>>
        {
            Value = new Ranked<TValue, TRank>(held.Value, TRankCodec.ReadColumn(reader)),
            Moment = held.Moment,
            HasValue = true,
        };
    }

    private static bool IsBefore(Timed<Ranked<TValue, TRank>> value, in TimedState<Ranked<TValue, TRank>> held)
    {
        int order = value.Moment.CompareTo(held.Moment);
        return order < 0 || (order == 0 && TCodec.Compare(TCodec.Canonical(value.Value.Value), held.Value.Value) < 0);
    }
}
