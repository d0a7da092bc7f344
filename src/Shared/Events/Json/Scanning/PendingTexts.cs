namespace Lambda.Events.Json.Scanning;

/// <summary>Texts of one record that are to be interned once it is sure that the record is taken, so that one that is given up leaves none behind.</summary>
internal sealed class PendingTexts(int capacity)
{
    private readonly (int Member, int Start, int Length)[] _texts = new (int, int, int)[capacity];
    private int _count;

    /// <summary>Forgets all.</summary>
    public void Clear() => _count = 0;

    /// <summary>Adds the text of an expected member with a dictionary column.</summary>
    public void Add(int member, int start, int length) => _texts[_count++] = (member, start, length);

    /// <summary>Interns all, in the order in which they were added, and sets their ids at a row.</summary>
    public void Intern(RecordBytes json, ReadOnlySpan<ExpectedMember> members, int row)
    {
        for (int i = 0; i < _count; i++)
        {
            (int member, int start, int length) = _texts[i];
            DictionaryColumn column = (DictionaryColumn)members[member].Column!;
            column.Ids[row] = column.Dictionary.Intern(json.Slice(start, length));
        }
    }
}
