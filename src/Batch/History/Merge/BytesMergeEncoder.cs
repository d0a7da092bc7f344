using System.Runtime.InteropServices;
using System.Text.Json;
using Lambda.Batch.History.Files;
using ParquetSharp;

namespace Lambda.Batch.History.Merge;

/// <summary>Writes strings and byte strings that lie in other files, by way of one buffer and without an object per value.</summary>
internal sealed class BytesMergeEncoder(Leaf leaf, IReadOnlyList<MergeInput> inputs) : MergeEncoder<ByteArray>(leaf, inputs)
{
    private readonly TextBounds? _bounds = leaf.Field.Type == FieldType.Binary ? null : new();
    private ByteArray[] _chunk = new ByteArray[ChunkRows];

    /// <summary>Where each value ends in the buffer.</summary>
    private int[] _ends = new int[ChunkRows];
    private int _count;

    /// <summary>Pinned, because the Parquet library is given addresses in it.</summary>
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(ChunkRows * 16, pinned: true);

    public override bool HasBounds => _bounds is { IsKnown: true };

    public override unsafe void AddValue(ByteArray value)
    {
        ReadOnlySpan<byte> bytes = new((void*)value.Pointer, value.Length);
        int start = _count > 0 ? _ends[_count - 1] : 0;
        int end = checked(start + bytes.Length);
        if (end > _bytes.Length)
        {
            byte[] larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, end * 2L), pinned: true);
            _bytes.AsSpan(0, start).CopyTo(larger);
            _bytes = larger;
        }

        if (_count == _ends.Length)
        {
            Array.Resize(ref _ends, _count * 2);
        }

        bytes.CopyTo(_bytes.AsSpan(start));
        _bounds?.Add(bytes);
        _ends[_count++] = end;
        IsChunkFull = end >= ChunkBytes;
    }

    public override void WriteMin(Utf8JsonWriter json) => _bounds!.WriteMin(json);

    public override void WriteMax(Utf8JsonWriter json) => _bounds!.WriteMax(json);

    private protected override void BeginChunk() => _count = 0;

    private protected override ReadOnlySpan<ByteArray> ChunkValues()
    {
        if (_chunk.Length < _count)
        {
            _chunk = new ByteArray[_ends.Length];
        }

        for (int i = 0; i < _count; i++)
        {
            int start = i > 0 ? _ends[i - 1] : 0;
            _chunk[i] = new ByteArray(Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, start), _ends[i] - start);
        }

        return _chunk.AsSpan(0, _count);
    }

    private protected override void ClearBounds() => _bounds?.Clear();
}
