using System.Runtime.CompilerServices;
using Lambda.Aggregation.Values;

namespace Lambda.Aggregation.Functions;

/// <summary>A value, or none when there was no event yet.</summary>
internal struct Optional<T>
{
    public T Value;
    public bool HasValue;
}

/// <summary>What is done with optional integers without a branch, which the next value would decide in a way that cannot be foreseen.</summary>
internal static class OptionalIntegers
{
    /// <summary>Takes a value in place of the one there is, when it is better or the first.</summary>
    public static void Set(this ref Optional<long> optional, long value, bool isBetter)
    {
        long mask = -(long)Unsafe.BitCast<bool, byte>(isBetter | !optional.HasValue);
        optional.Value ^= (optional.Value ^ value) & mask;
        optional.HasValue = true;
    }
}

/// <summary>An optional value at rest: one column of the value's type, null when there is none.</summary>
internal static class OptionalColumn<T, TCodec>
    where TCodec : struct, IValueCodec<T>
{
    public static readonly IReadOnlyList<StateColumn> Columns = [new StateColumn("", TCodec.Column, IsNullable: true)];

    public static void Write(in Optional<T> value, StateWriter writer)
    {
        if (value.HasValue)
        {
            TCodec.WriteColumn(value.Value, writer);
        }
        else
        {
            writer.WriteNull();
        }
    }

    public static Optional<T> Read(StateReader reader)
    {
        if (reader.IsNull)
        {
            reader.Skip();
            return default;
        }

        return new Optional<T> { Value = TCodec.ReadColumn(reader), HasValue = true };
    }
}

/// <summary>Optional values as results.</summary>
internal sealed class OptionalResults<T, TCodec> : ResultColumn<Optional<T>>
    where TCodec : struct, IValueCodec<T>
{
    public override object? GetValue(int row) => Values[row] is { HasValue: true, Value: var value } ? TCodec.Show(value) : null;

    /// <summary>Adds the values of slots.</summary>
    public void Add(Optional<T>[] values, ReadOnlySpan<int> slots)
    {
        Span<Optional<T>> added = Append(slots.Length);
        for (int i = 0; i < slots.Length; i++)
        {
            added[i] = values[slots[i]];
        }
    }
}
