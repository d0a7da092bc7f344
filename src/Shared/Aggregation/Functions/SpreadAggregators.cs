using System.Numerics;
using Lambda.Aggregation.Numerics;
using Lambda.Aggregation.Sharing;
using Lambda.Aggregation.Sql;
using Lambda.Events;

namespace Lambda.Aggregation.Functions;

/// <summary>What a variance is shown as.</summary>
internal enum SpreadMeasure
{
    /// <summary>The variance.</summary>
    Variance,

    /// <summary>Its square root.</summary>
    StandardDeviation,
}

/// <summary>Which spread is asked for.</summary>
internal readonly record struct SpreadQuestion(SpreadMeasure Measure, SpreadKind Kind)
{
    /// <summary>The function's name in signatures; all four have the same state.</summary>
    public string Name => (Measure == SpreadMeasure.Variance ? "var" : "stddev") + (Kind == SpreadKind.Sample ? "_samp" : "_pop");

    /// <summary>The measure over stored moments, whose number is in <c>{0}</c>.</summary>
    /// <param name="squares">The sum of squares of a partial.</param>
    /// <param name="sum">The sum of a partial.</param>
    public SqlColumn SqlColumn(string squares, string sum)
    {
        string variance = $"rounded_double(exact_variance(sum({{0}}), sum({sum}), sum({squares}), {(Kind == SpreadKind.Sample ? "1" : "0")}))";
        return new SqlColumn("", Measure == SpreadMeasure.Variance ? variance : $"sqrt({variance})");
    }

    /// <summary>The measure of a variance.</summary>
    public double? Of(double? variance) => Measure == SpreadMeasure.Variance || variance is null ? variance : Math.Sqrt(variance.Value);
}

/// <summary>The variance or standard deviation of integers: exact sums of values and squares, rounded once.</summary>
internal readonly struct SpreadInt64Aggregator(SpreadQuestion question) : IAggregator<long, IntegerMoments, double?>, ISqlAggregator, IAnswersOthers
{
    private static readonly IReadOnlyList<StateColumn> Columns =
    [
        new StateColumn("count", ColumnType.Int64),
        new StateColumn("sum", ColumnType.Int128),
        new StateColumn("squares", ColumnType.Bytes),
    ];

    public string Signature => $"{question.Name}(int64)";

    public IReadOnlyList<StateColumn> StateColumns => Columns;

    public IReadOnlyList<SqlColumn> SqlColumns => [question.SqlColumn("unsigned_integer({2})", "{1}")];

    public IntegerMoments CreateAccumulator() => default;

    public void Add(ref IntegerMoments accumulator, long value) => accumulator.Add(value);

    public void Merge(ref IntegerMoments accumulator, in IntegerMoments other) => accumulator.Merge(in other);

    public double? GetResult(in IntegerMoments accumulator) =>
        question.Of(Spread.Variance(question.Kind, accumulator.Count, accumulator.Sum, accumulator.Squares, exponent: 0));

    public void Write(in IntegerMoments accumulator, StateWriter writer)
    {
        writer.WriteInt64(accumulator.Count);
        writer.WriteInt128(accumulator.Sum);
        writer.WriteBytes(accumulator.Squares.ToByteArray(isUnsigned: true));
    }

    public IntegerMoments Read(StateReader reader)
    {
        IntegerMoments moments = new() { Count = reader.ReadInt64(), Sum = reader.ReadInt128() };
        BigInteger squares = new(reader.ReadBytes(), isUnsigned: true);
        if (squares.GetBitLength() > 192)
        {
            throw new FormatException("The sum of squares is beyond that of all integers.");
        }

        moments.SquaresLow = (UInt128)(squares & UInt128.MaxValue);
        moments.SquaresHigh = (ulong)(squares >> 128);
        return moments;
    }

    public HeldAnswer? AnswerTo(object aggregator) => aggregator switch
    {
        SpreadInt64Aggregator same => HeldAnswer.Of<IntegerMoments, double?>(same.GetResult, 0, 1, 2),
        AverageInt64Aggregator average => HeldAnswer.Of(
            (in IntegerMoments moments) => average.GetResult(new AverageInt64Aggregator.State { Sum = moments.Sum, Count = moments.Count }), 1, 0),
        SumInt64Aggregator sum => HeldAnswer.Of((in IntegerMoments moments) => sum.GetResult(moments.Sum), 1),
        ICountsValues => HeldAnswer.Of((in IntegerMoments moments) => moments.Count, 0),
        _ => null,
    };
}

/// <summary>
/// The variance or standard deviation of doubles: exact sums of values and of squares, each square with the part that rounding cuts off, rounded once.
/// NaN and infinities make it NaN, and so do squares beyond the largest double, from 2^512 on; below 2^-485 squares lose their last digits.
/// </summary>
internal readonly struct SpreadDoubleAggregator(SpreadQuestion question) : IAggregator<double, SpreadDoubleAggregator.State, double?>, ISqlAggregator, IAnswersOthers
{
    private static readonly IReadOnlyList<StateColumn> Columns =
    [
        new StateColumn("count", ColumnType.Int64),
        new StateColumn("sum", ColumnType.Bytes),
        new StateColumn("squares", ColumnType.Bytes),
    ];

    public string Signature => $"{question.Name}(double)";

    public IReadOnlyList<StateColumn> StateColumns => Columns;

    public IReadOnlyList<SqlColumn> SqlColumns => [question.SqlColumn("exact_double_sum({2})", "exact_double_sum({1})")];

    public State CreateAccumulator() => default;

    public void Add(ref State accumulator, double value)
    {
        accumulator.Count++;
        accumulator.Sum.Add(value);
        double square = value * value;
        accumulator.Squares.Add(square);
        if (double.IsFinite(square))
        {
            accumulator.Squares.Add(Math.FusedMultiplyAdd(value, value, -square));
        }
    }

    public void Merge(ref State accumulator, in State other)
    {
        accumulator.Count += other.Count;
        accumulator.Sum.Merge(in other.Sum);
        accumulator.Squares.Merge(in other.Squares);
    }

    public double? GetResult(in State accumulator)
    {
        // Both in units of 2^-1074; the squares are brought to those of the squared sum.
        const int UnitExponent = -1074;
        if (Spread.IsUndefined(question.Kind, accumulator.Count))
        {
            return null;
        }

        if (!accumulator.Sum.TryToUnits(out BigInteger sum) || !accumulator.Squares.TryToUnits(out BigInteger squares))
        {
            return double.NaN;
        }

        return question.Of(Spread.Variance(question.Kind, accumulator.Count, sum, squares << -UnitExponent, UnitExponent));
    }

    public void Write(in State accumulator, StateWriter writer)
    {
        writer.WriteInt64(accumulator.Count);
        writer.WriteBytes(accumulator.Sum.Encode());
        writer.WriteBytes(accumulator.Squares.Encode());
    }

    public State Read(StateReader reader) => new()
    {
        Count = reader.ReadInt64(),
        Sum = ExactDoubleSum.Decode(reader.ReadBytes()),
        Squares = ExactDoubleSum.Decode(reader.ReadBytes()),
    };

    public HeldAnswer? AnswerTo(object aggregator) => aggregator switch
    {
        SpreadDoubleAggregator same => HeldAnswer.Of<State, double?>(same.GetResult, 0, 1, 2),
        AverageDoubleAggregator average => HeldAnswer.Of(
            (in State state) => average.GetResult(new AverageDoubleAggregator.State { Sum = state.Sum, Count = state.Count }), 1, 0),
        SumDoubleAggregator sum => HeldAnswer.Of((in State state) => sum.GetResult(in state.Sum), 1),
        ICountsValues => HeldAnswer.Of((in State state) => state.Count, 0),
        _ => null,
    };

    internal struct State
    {
        public long Count;
        public ExactDoubleSum Sum;
        public ExactDoubleSum Squares;
    }
}
