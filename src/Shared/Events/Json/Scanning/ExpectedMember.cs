namespace Lambda.Events.Json.Scanning;

/// <summary>A member that is expected at its place in a record.</summary>
internal struct ExpectedMember
{
    /// <summary>The member; null when the schema does not know it.</summary>
    public EventMember? Member;

    /// <summary>How its value is scanned.</summary>
    public ScanKind Kind;

    /// <summary>Whether the record may lack the member, or have null for it.</summary>
    public bool IsOptional;

    /// <summary>The bit of the member's ordinal; none for one that the schema does not know.</summary>
    public ulong Bit;

    /// <summary>Where a value goes; null when the projection leaves the member out. Set for one batch at a time.</summary>
    public Column? Column;

    /// <summary>What stands before the value when the member is the record's first.</summary>
    public NameLiteral First;

    /// <summary>What stands before the value when the member follows on another.</summary>
    public NameLiteral Next;

    /// <summary>How many of the last bytes of either are the name in quotes, the colon and the white space around it.</summary>
    public int NameLength;

    /// <summary>The name in quotes, the colon and the white space around it.</summary>
    public readonly ReadOnlySpan<byte> Name => Next.Bytes[^NameLength..];
}
