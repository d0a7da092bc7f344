using Lambda.Events;
using ByteArray = ParquetSharp.ByteArray;

namespace Lambda.Batch.History.Files;

/// <summary>Values of a fixed size.</summary>
internal readonly struct FixedTarget<T>(Column<T> column) : IValueTarget<T>
    where T : unmanaged
{
    public void Begin()
    {
    }

    public void Set(int index, T value) => column.Values[index] = value;
}

/// <summary>Strings, by a target for those.</summary>
internal readonly struct BytesValueTarget<TTarget>(TTarget target) : IValueTarget<ByteArray>
    where TTarget : IBytesTarget
{
    public void Begin() => target.Begin();

    public void Set(int index, ByteArray value) => target.Set(index, value);
}

/// <summary>For columns of which only the levels are wanted.</summary>
internal readonly struct NoTarget<T> : IValueTarget<T>
    where T : unmanaged
{
    public void Begin()
    {
    }

    public void Set(int index, T value)
    {
    }
}
