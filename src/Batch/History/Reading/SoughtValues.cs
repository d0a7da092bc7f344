using Lambda.Events;

namespace Lambda.Batch.History.Reading;

/// <summary>Values of a member that are looked for: what is held against the bounds that a table's log tells of its files.</summary>
/// <param name="Member">A member that <see cref="CanBe"/> is said of.</param>
internal abstract record SoughtValues(EventMember Member)
{
    /// <summary>
    /// Whether a member has bounds that can be relied on: integers and texts. Not decimals, one of which has several texts, nor doubles, as bounds leave out those
    /// that are no numbers.
    /// </summary>
    public static bool CanBe(EventMember member) =>
        member is { Kind: MemberKind.Value, List: null, Type: ColumnType.Int32 or ColumnType.Int64 or ColumnType.String };

    /// <summary>Whether one of them may lie between two bounds, both included; where one is not known, anything is possible.</summary>
    public abstract bool MayLieBetween(ColumnBound least, ColumnBound greatest);
}
