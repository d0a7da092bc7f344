using System.Numerics;
using System.Runtime.CompilerServices;
using Lambda.Events;

namespace Lambda.Aggregation.Functions;

/// <summary>The least or the greatest value so far; none when there was no value.</summary>
internal struct Extreme<T>
    where T : struct
{
    public T Value;
    public bool HasValue;
}

/// <summary>
/// The least value; null when there is none. For doubles, NaN wins over every number and −0 counts as 0, so that order does not matter.
/// </summary>
internal readonly struct MinAggregator<T> : IAggregator<T, Extreme<T>, T?>
    where T : struct, INumber<T>
{
    public string Signature => $"min({typeof(T).Name.ToLowerInvariant()})";

    public IReadOnlyList<StateColumn> StateColumns => ExtremeState<T>.Columns;

    public Extreme<T> CreateAccumulator() => default;

    public void Add(ref Extreme<T> accumulator, T value)
    {
        // A comparison with NaN is false, so that a NaN that is held stays.
        if (!accumulator.HasValue || value < accumulator.Value || T.IsNaN(value))
        {
            accumulator.Value = ExtremeState<T>.Canonical(value);
            accumulator.HasValue = true;
        }
    }

    public void Merge(ref Extreme<T> accumulator, in Extreme<T> other)
    {
        if (other.HasValue)
        {
            Add(ref accumulator, other.Value);
        }
    }

    public T? GetResult(in Extreme<T> accumulator) => accumulator.HasValue ? accumulator.Value : null;

    public void Write(in Extreme<T> accumulator, StateWriter writer) => ExtremeState<T>.Write(in accumulator, writer);

    public Extreme<T> Read(StateReader reader) => ExtremeState<T>.Read(reader);
}

/// <summary>
/// The greatest value; null when there is none. For doubles, NaN wins over every number and −0 counts as 0, so that order does not matter.
/// </summary>
internal readonly struct MaxAggregator<T> : IAggregator<T, Extreme<T>, T?>
    where T : struct, INumber<T>
{
    public string Signature => $"max({typeof(T).Name.ToLowerInvariant()})";

    public IReadOnlyList<StateColumn> StateColumns => ExtremeState<T>.Columns;

    public Extreme<T> CreateAccumulator() => default;

    public void Add(ref Extreme<T> accumulator, T value)
    {
        if (!accumulator.HasValue || value > accumulator.Value || T.IsNaN(value))
        {
            accumulator.Value = ExtremeState<T>.Canonical(value);
            accumulator.HasValue = true;
        }
    }

    public void Merge(ref Extreme<T> accumulator, in Extreme<T> other)
    {
        if (other.HasValue)
        {
            Add(ref accumulator, other.Value);
        }
    }

    public T? GetResult(in Extreme<T> accumulator) => accumulator.HasValue ? accumulator.Value : null;

    public void Write(in Extreme<T> accumulator, StateWriter writer) => ExtremeState<T>.Write(in accumulator, writer);

    public Extreme<T> Read(StateReader reader) => ExtremeState<T>.Read(reader);
}

/// <summary>The state of a minimum or maximum at rest: one column of the value's type, null when there was no value.</summary>
internal static class ExtremeState<T>
    where T : struct
{
    public static readonly IReadOnlyList<StateColumn> Columns =
        [new StateColumn("", ColumnTypes.OfClrType(typeof(T)) ?? throw new InvalidOperationException($"No column holds {typeof(T)}."), true)];

    /// <summary>The one representation of values that compare equal: 0 for −0, one NaN, decimals without trailing zeros.</summary>
    public static T Canonical(T value)
    {
        if (typeof(T) == typeof(double))
        {
            double number = Unsafe.BitCast<T, double>(value);
            return Unsafe.BitCast<double, T>(double.IsNaN(number) ? double.NaN : number + 0.0);
        }

        if (typeof(T) == typeof(decimal))
        {
            // The quotient has no trailing zeros, but a zero keeps its sign.
            decimal quotient = Unsafe.BitCast<T, decimal>(value) / 1.0000000000000000000000000000m;
            return Unsafe.BitCast<decimal, T>(quotient == 0 ? decimal.Zero : quotient);
        }

        return value;
    }

    public static void Write(in Extreme<T> accumulator, StateWriter writer)
    {
        if (accumulator.HasValue)
        {
            writer.Write(accumulator.Value);
        }
        else
        {
            writer.WriteNull();
        }
    }

    public static Extreme<T> Read(StateReader reader)
    {
        if (reader.IsNull)
        {
            reader.Skip();
            return default;
        }

        return new Extreme<T> { Value = reader.Read<T>(), HasValue = true };
    }
}
