namespace Lambda.TestSupport.Oracle;

/// <summary>Windows whose places in time do not depend on events: an event belongs to those that its time lies in, and each of them judges it.</summary>
public abstract class OracleFixedWindows : OracleWindows
{
    /// <inheritdoc/>
    public sealed override IEnumerable<OracleGroup> Group(IReadOnlyList<OracleOccurrence> events, long lateness, OracleWanted wanted) =>
        from next in events
        where next.IsMember
        from window in WindowsOf(next.Time)
        let isRefused = next.Watermark >= window.End - 1 + lateness
        where wanted == OracleWanted.All || isRefused == (wanted == OracleWanted.Late)
        group next by window into members
        select new OracleGroup(members.Key.Start, members.Key.End, [.. members]);

    /// <summary>The windows that an instant lies in.</summary>
    protected abstract IEnumerable<(long Start, long End)> WindowsOf(long time);
}
