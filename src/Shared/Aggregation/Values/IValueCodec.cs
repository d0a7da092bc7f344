using Lambda.Aggregation.Encoding;
using Lambda.Events;

namespace Lambda.Aggregation.Values;

/// <summary>
/// What aggregate functions need to know about values of one C# type: their order, when they are equal, and how they look at rest. A type becomes
/// usable in all of them by an implementation here and a line in <see cref="ValueCodecs"/>.
/// </summary>
/// <remarks>Everything but <see cref="Canonical"/> is given canonical values only, and all of it stays the same from build to build.</remarks>
internal interface IValueCodec<T>
{
    /// <summary>Names the type in signatures.</summary>
    static abstract string Name { get; }

    /// <summary>The type of a state column that holds one value.</summary>
    static abstract ColumnType Column { get; }

    /// <summary>The one representation of values that count as equal.</summary>
    static virtual T Canonical(T value) => value;

    /// <summary>Whether the value stands outside the order of numbers. It then is both the least and the greatest.</summary>
    static virtual bool IsNaN(T value) => false;

    /// <summary>A total order, NaN last. Zero for values that are equal.</summary>
    static abstract int Compare(T left, T right);

    /// <summary>Whether two values are equal.</summary>
    static abstract bool AreEqual(T left, T right);

    /// <summary>64 well-mixed bits.</summary>
    static abstract ulong Hash(T value);

    /// <summary>The value as answers show it.</summary>
    static virtual object Show(T value) => value!;

    /// <summary>The type of what <see cref="Show"/> gives.</summary>
    static virtual Type ShownAs => typeof(T);

    /// <summary>Writes a state column.</summary>
    static abstract void WriteColumn(T value, StateWriter writer);

    /// <summary>Reads a state column.</summary>
    static abstract T ReadColumn(StateReader reader);

    /// <summary>Writes the value into an encoding of several.</summary>
    static abstract void Write(T value, ByteWriter writer);

    /// <summary>Reads a value out of an encoding of several.</summary>
    static abstract T Read(ref ByteReader reader);
}
