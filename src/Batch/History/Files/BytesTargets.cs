using System.Globalization;
using Lambda.Events;
using ByteArray = ParquetSharp.ByteArray;

namespace Lambda.Batch.History.Files;

/// <summary>Where strings that are read go to; rows are set in order. Which of them are null is marked by the decoder.</summary>
internal interface IBytesTarget
{
    void Begin();

    void Set(int row, ByteArray value);

    void SetDefault(int row);
}

/// <summary>Strings as bytes back to back.</summary>
internal readonly unsafe struct TextTarget(TextColumn column) : IBytesTarget
{
    public void Begin()
    {
    }

    public void Set(int row, ByteArray value) => column.Set(row, new ReadOnlySpan<byte>((void*)value.Pointer, value.Length));

    public void SetDefault(int row) => column.SetDefault(row);
}

/// <summary>Decimals from their text.</summary>
internal readonly unsafe struct DecimalTarget(Column<decimal> column) : IBytesTarget
{
    public void Begin()
    {
    }

    public void Set(int row, ByteArray value)
    {
        ReadOnlySpan<byte> text = new((void*)value.Pointer, value.Length);
        column.Values[row] = decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out decimal number)
            ? number
            : throw new InvalidDataException($"the column '{column.Member.JsonName}' has text that is no decimal");
    }

    public void SetDefault(int row) => column.SetDefault(row);
}

/// <summary>Strings as ids of a dictionary.</summary>
/// <remarks>
/// Equal values of a page with a dictionary point to the same bytes, so an id is looked up by address first; within one page read, as
/// memory is used again after it.
/// </remarks>
internal readonly unsafe struct DictionaryTarget(DictionaryColumn column) : IBytesTarget
{
    private readonly RecentIds _recent = new();

    public void Begin() => _recent.Forget();

    public void Set(int row, ByteArray value)
    {
        ref RecentIds.Entry entry = ref _recent[value.Pointer];
        if (!_recent.Holds(entry, value))
        {
            int id = column.Dictionary.Intern(new ReadOnlySpan<byte>((void*)value.Pointer, value.Length));
            entry = _recent.Of(value, id);
        }

        column.Ids[row] = entry.Id;
    }

    public void SetDefault(int row) => column.SetDefault(row);

    /// <summary>Ids of values by their address.</summary>
    private sealed class RecentIds
    {
        private const int Bits = 10;

        private readonly Entry[] _entries = new Entry[1 << Bits];
        private int _read;

        /// <summary>Where the entry of an address would be.</summary>
        public ref Entry this[nint address] => ref _entries[(int)((ulong)address * 0x9E3779B97F4A7C15 >> (64 - Bits))];

        public void Forget() => _read++;

        public bool Holds(in Entry entry, ByteArray value) =>
            entry.Address == value.Pointer && entry.Length == value.Length && entry.Read == _read;

        public Entry Of(ByteArray value, int id) => new(value.Pointer, value.Length, _read, id);

        internal readonly record struct Entry(nint Address, int Length, int Read, int Id);
    }
}
