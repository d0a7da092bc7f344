using Lambda.Aggregation.Encoding;

namespace Lambda.Aggregation.Values;

/// <summary>A codec of values that stand for 64-bit integers in the same order.</summary>
internal interface IInt64Codec<TSelf, T> : IValueCodec<T>
    where TSelf : struct, IInt64Codec<TSelf, T>
{
    /// <summary>The integer of a value.</summary>
    static abstract long ToInt64(T value);

    /// <summary>The value of an integer.</summary>
    /// <exception cref="FormatException">No value has that integer.</exception>
    static abstract T FromInt64(long value);

    static int IValueCodec<T>.Compare(T left, T right) => TSelf.ToInt64(left).CompareTo(TSelf.ToInt64(right));

    static bool IValueCodec<T>.AreEqual(T left, T right) => TSelf.ToInt64(left) == TSelf.ToInt64(right);

    static ulong IValueCodec<T>.Hash(T value) => StableHash.Of((ulong)TSelf.ToInt64(value));

    static void IValueCodec<T>.WriteColumn(T value, StateWriter writer) => writer.WriteInt64(TSelf.ToInt64(value));

    static T IValueCodec<T>.ReadColumn(StateReader reader) => TSelf.FromInt64(reader.ReadInt64());

    static void IValueCodec<T>.Write(T value, ByteWriter writer) => writer.WriteSigned(TSelf.ToInt64(value));

    static T IValueCodec<T>.Read(ref ByteReader reader) => TSelf.FromInt64(reader.ReadSigned());
}
