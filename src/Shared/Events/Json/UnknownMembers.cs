namespace Lambda.Events.Json;

/// <summary>Keeps the members of records that the schema does not know, each row's as one JSON object of the bytes as they came.</summary>
internal sealed class UnknownMembers
{
    private byte[] _bytes = new byte[1024];
    private int[] _ends = [0];
    private int _row;

    /// <summary>The row's unknown members as a JSON object; empty when it has none.</summary>
    public ReadOnlySpan<byte> this[int row] => _bytes.AsSpan(_ends[row], _ends[row + 1] - _ends[row]);

    /// <summary>Whether none of the first rows has any.</summary>
    public bool AreNone(int rows) => _ends[rows] == 0;

    /// <summary>Begins a row; rows come in order, and a row that was begun but refused is begun again.</summary>
    public void StartRow(int row)
    {
        if (_ends.Length < row + 2)
        {
            Array.Resize(ref _ends, Math.Max(row + 2, _ends.Length * 2));
        }

        _ends[row + 1] = _ends[row];
        _row = row;
    }

    /// <summary>Adds a member to the row: name, colon and value as they stand in the record.</summary>
    public void Add(ReadOnlySpan<byte> member)
    {
        Append(_ends[_row + 1] == _ends[_row] ? "{"u8 : ","u8);
        Append(member);
    }

    /// <summary>Ends the row.</summary>
    public void EndRow(int row)
    {
        if (_ends[row + 1] > _ends[row])
        {
            Append("}"u8);
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        int start = _ends[_row + 1];
        int end = checked(start + bytes.Length);
        if (_bytes.Length < end)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(end, _bytes.Length * 2L)));
        }

        bytes.CopyTo(_bytes.AsSpan(start));
        _ends[_row + 1] = end;
    }
}
