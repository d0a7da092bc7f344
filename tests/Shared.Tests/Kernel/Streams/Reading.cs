using Lambda.Aggregation;
using Lambda.Events;

namespace Lambda.Tests.Kernel.Streams;

/// <summary>An event with a member of every type, nullable and not.</summary>
public sealed record Reading(string Id, DateTimeOffset Time)
{
    public string? Site { get; init; }

    public string Unit { get; init; } = "";

    public int Count { get; init; }

    public int? MaybeCount { get; init; }

    public long Amount { get; init; }

    public long? MaybeAmount { get; init; }

    public double Ratio { get; init; }

    public double? MaybeRatio { get; init; }

    public decimal Price { get; init; }

    public decimal? MaybePrice { get; init; }

    public bool Flag { get; init; }

    public bool? MaybeFlag { get; init; }

    public DateTime? Seen { get; init; }

    /// <summary>Computed, so not a column: an expression that reads it needs the whole event.</summary>
    public long Product => unchecked(Count * Amount);
}

/// <summary>Functions that views call.</summary>
internal static class ReadingFunctions
{
    public static string Label(string unit, string? site) => site is null ? unit : $"{unit}/{site.Length}";

    public static Guid Identity(int number) => new(number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

    /// <summary>A number whose square neither overflows nor underflows.</summary>
    public static double Tame(double number) => Math.Abs(number) is >= 1e-140 and <= 1e140 || !double.IsFinite(number) ? number : Math.Sign(number);

    public static long Score(Reading reading) => unchecked((reading.Site?.Length ?? -1) + reading.Product + (reading.MaybeFlag == true ? 1 : 0));
}

/// <summary>How many different remainders by 64 the values leave: a user's aggregate whose state is a set of bits.</summary>
internal readonly struct DistinctRemainders : IAggregator<long, ulong, int>
{
    public string Signature => "remainders(64)";

    public IReadOnlyList<StateColumn> StateColumns => [new("bits", ColumnType.Int64)];

    public ulong CreateAccumulator() => 0;

    public void Add(ref ulong accumulator, long value) => accumulator |= 1UL << (int)(value & 63);

    public void Merge(ref ulong accumulator, in ulong other) => accumulator |= other;

    public int GetResult(in ulong accumulator) => System.Numerics.BitOperations.PopCount(accumulator);

    public void Write(in ulong accumulator, StateWriter writer) => writer.WriteInt64((long)accumulator);

    public ulong Read(StateReader reader) => (ulong)reader.ReadInt64();
}

/// <summary>The last of the strings by ordinal order: a user's aggregate that is a class, over a type that can be null.</summary>
internal sealed class LastByOrdinal : IAggregator<string, string?, string?>
{
    public string Signature => "last-by-ordinal";

    public IReadOnlyList<StateColumn> StateColumns => [new("", ColumnType.String, IsNullable: true)];

    public string? CreateAccumulator() => null;

    public void Add(ref string? accumulator, string value) =>
        accumulator = accumulator is null || string.CompareOrdinal(value, accumulator) > 0 ? value : accumulator;

    public void Merge(ref string? accumulator, in string? other)
    {
        if (other is not null)
        {
            Add(ref accumulator, other);
        }
    }

    public string? GetResult(in string? accumulator) => accumulator;

    public void Write(in string? accumulator, StateWriter writer)
    {
        if (accumulator is null)
        {
            writer.WriteNull();
        }
        else
        {
            writer.WriteString(accumulator);
        }
    }

    public string? Read(StateReader reader)
    {
        if (reader.IsNull)
        {
            reader.Skip();
            return null;
        }

        return reader.ReadString();
    }
}
