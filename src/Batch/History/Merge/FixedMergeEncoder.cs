using System.Text.Json;
using Lambda.Batch.History.Files;

namespace Lambda.Batch.History.Merge;

/// <summary>Writes values of a fixed size that lie in other files.</summary>
internal sealed class FixedMergeEncoder<T, TBounds>(Leaf leaf, IReadOnlyList<MergeInput> inputs) : MergeEncoder<T>(leaf, inputs)
    where T : unmanaged
    where TBounds : struct, IBounds<T>
{
    private T[] _chunk = new T[ChunkRows];
    private int _count;
    private TBounds _bounds;

    public override bool HasBounds => _bounds.IsKnown;

    public override void AddValue(T value)
    {
        if (_count == _chunk.Length)
        {
            Array.Resize(ref _chunk, _count * 2);
        }

        _bounds.Add(value);
        _chunk[_count++] = value;
    }

    public override void WriteMin(Utf8JsonWriter json) => _bounds.WriteMin(json);

    public override void WriteMax(Utf8JsonWriter json) => _bounds.WriteMax(json);

    private protected override void BeginChunk() => _count = 0;

    private protected override ReadOnlySpan<T> ChunkValues() => _chunk.AsSpan(0, _count);

    private protected override void ClearBounds() => _bounds = default;
}
