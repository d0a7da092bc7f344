namespace Lambda.TestSupport.Oracle;

/// <summary>
/// Windows of so many events, within each partition in the order of offsets: the first event of the rest opens one, and the next ones follow it until
/// the window is full or one of them is later than the first by more than the timeout. Nothing is late.
/// </summary>
/// <param name="count">How many events fill a window.</param>
/// <param name="timeout">In microseconds.</param>
public sealed class OracleCount(int count, long timeout) : OracleWindows
{
    /// <inheritdoc/>
    public override IEnumerable<OracleGroup> Group(IReadOnlyList<OracleOccurrence> events, long lateness, OracleWanted wanted)
    {
        if (wanted == OracleWanted.Late)
        {
            yield break;
        }

        foreach (int partition in events.Select(next => next.Partition).Distinct())
        {
            List<OracleOccurrence> rest = [.. events.Where(next => next.IsMember && next.Partition == partition).OrderBy(next => next.Offset)];
            while (rest.Count > 0)
            {
                long deadline = rest[0].Time + timeout;
                List<OracleOccurrence> members = [.. rest.TakeWhile(next => next.Time <= deadline).Take(count)];
                yield return new OracleGroup(rest[0].Time, deadline + 1, members);
                rest.RemoveRange(0, members.Count);
            }
        }
    }
}
