namespace Lambda.Events.Json.Scanning;

/// <summary>
/// How records are expected to be written: the order of the members, and every byte that is not part of a value. Built anew in the same buffers, so
/// that learning allocates only while they grow.
/// </summary>
internal sealed class RecordShape
{
    private const int MaxBytes = 1 << 16;

    private readonly ScanKind[] _kinds;
    private ExpectedMember[] _members = new ExpectedMember[16];
    private byte[] _bytes = new byte[1024];
    private int _byteCount;
    private (int Start, int Length) _closing;

    /// <param name="kinds">By the members' ordinals, how they are scanned.</param>
    public RecordShape(ScanKind[] kinds) => _kinds = kinds;

    /// <summary>The members in their order; none before a shape was learnt.</summary>
    public Span<ExpectedMember> Members => _members.AsSpan(0, Count);

    /// <summary>The number of members.</summary>
    public int Count { get; private set; }

    /// <summary>The closing brace and the white space around it.</summary>
    public ReadOnlySpan<byte> Closing => _bytes.AsSpan(_closing.Start, _closing.Length);

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Count = 0;
        _byteCount = 0;
        _closing = default;
    }

    /// <summary>Adds a member behind those there are.</summary>
    /// <param name="member">The member; null for one that the schema does not know.</param>
    /// <param name="opening">What begins a record.</param>
    /// <param name="separator">What stands between a value and the next name.</param>
    /// <param name="name">The name in quotes, the colon and the white space around it.</param>
    /// <returns>False when the shape would be too large.</returns>
    public bool TryAdd(EventMember? member, ReadOnlySpan<byte> opening, ReadOnlySpan<byte> separator, ReadOnlySpan<byte> name)
    {
        if (_byteCount + opening.Length + separator.Length + (2 * name.Length) > MaxBytes)
        {
            return false;
        }

        if (Count == _members.Length)
        {
            Array.Resize(ref _members, Count * 2);
        }

        _members[Count++] = new ExpectedMember
        {
            Member = member,
            Kind = member is null ? ScanKind.Unknown : _kinds[member.Ordinal],
            IsOptional = member is null or { IsNullable: true },
            Bit = member is null ? 0 : 1UL << member.Ordinal,
            First = Literal(opening, name),
            Next = Literal(separator, name),
            NameLength = name.Length,
        };
        return true;
    }

    /// <summary>Sets what ends a record; the last step of building.</summary>
    /// <returns>False when the shape would be too large.</returns>
    public bool TryClose(ReadOnlySpan<byte> closing)
    {
        if (_byteCount + closing.Length > MaxBytes)
        {
            return false;
        }

        _closing = (_byteCount, closing.Length);
        Append(closing);
        return true;
    }

    /// <summary>Lets values go to the columns of a batch.</summary>
    public void Bind(EventBatch batch)
    {
        foreach (ref ExpectedMember expected in Members)
        {
            expected.Column = expected.Member is { } member ? batch[member] : null;
        }
    }

    private NameLiteral Literal(ReadOnlySpan<byte> before, ReadOnlySpan<byte> name)
    {
        int start = _byteCount;
        Append(before);
        Append(name);
        return new NameLiteral(_bytes, start, _byteCount - start);
    }

    /// <summary>When the buffer grows, literals keep the old one, whose bytes no longer change.</summary>
    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - _byteCount < bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_byteCount + bytes.Length, _bytes.Length * 2));
        }

        bytes.CopyTo(_bytes.AsSpan(_byteCount));
        _byteCount += bytes.Length;
    }
}
