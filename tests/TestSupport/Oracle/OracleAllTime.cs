namespace Lambda.TestSupport.Oracle;

/// <summary>One window that every event lies in and that never ends.</summary>
/// <param name="start">Where it is said to start.</param>
/// <param name="end">Where it is said to end.</param>
public sealed class OracleAllTime(long start, long end) : OracleWindows
{
    /// <inheritdoc/>
    public override IEnumerable<OracleGroup> Group(IReadOnlyList<OracleOccurrence> events, long lateness, OracleWanted wanted) =>
        wanted == OracleWanted.Late ? [] : [new OracleGroup(start, end, [.. events.Where(next => next.IsMember)])];
}
