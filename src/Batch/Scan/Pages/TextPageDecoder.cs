using System.Buffers.Binary;
using Lambda.Events;

namespace Lambda.Batch.Scan.Pages;

/// <summary>
/// Reads texts as ids of the batch's dictionary. A text in the dictionary of a row group gets its id once, and its rows then by their indices.
/// </summary>
internal sealed class TextPageDecoder(bool hasLevels, DictionaryColumn column, bool[] nulls) : PageDecoder(hasLevels, nulls)
{
    private int[] _ids = [];
    private int _idCount;
    private IndexReader _indices;

    /// <summary>How many bytes of a page of plain texts were read.</summary>
    private int _read;

    private protected override void SetDictionary()
    {
        ReadOnlySpan<byte> texts = Page.ValueBytes;
        _idCount = Page.Header.Values <= texts.Length / sizeof(int)
            ? Page.Header.Values
            : throw new InvalidDataException("its dictionary ends before its last value");
        if (_ids.Length < _idCount)
        {
            _ids = new int[Math.Max(_idCount, _ids.Length * 2)];
        }

        _read = 0;
        for (int i = 0; i < _idCount; i++)
        {
            _ids[i] = NextId(texts);
        }
    }

    private protected override void BeginValues()
    {
        _read = 0;
        if (Page.HasIndices)
        {
            _indices.Begin(Page);
        }
    }

    private protected override void ReadValues(int row, int count)
    {
        Span<int> target = column.Ids.AsSpan(row, count);
        if (Page.HasIndices)
        {
            _indices.Read(Page.Bytes, Block, _ids.AsSpan(0, _idCount), target);
            return;
        }

        ReadOnlySpan<byte> texts = Page.ValueBytes;
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = NextId(texts);
        }
    }

    private protected override void Move(int from, int to) => column.Ids[to] = column.Ids[from];

    private protected override void SetDefault(int row) => column.SetDefault(row);

    private int NextId(ReadOnlySpan<byte> texts)
    {
        ReadOnlySpan<byte> rest = texts[_read..];
        int length = rest.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(rest);
        if (length < 0 || length > rest.Length - sizeof(int))
        {
            throw new InvalidDataException("a page ends before its last value");
        }

        _read += sizeof(int) + length;
        return column.Dictionary.Intern(rest.Slice(sizeof(int), length));
    }
}
