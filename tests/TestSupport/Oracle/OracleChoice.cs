namespace Lambda.TestSupport.Oracle;

/// <summary>Aggregates that choose, count or collect values of any type, as folds over whole lists of events. Nulls are skipped.</summary>
/// <param name="value">The values.</param>
/// <param name="moments">All moments at which an event came: its time, partition and offset. One that came again counts again.</param>
public sealed class OracleChoice<TEvent>(Func<TEvent, object?> value, Func<TEvent, IEnumerable<(long Time, int Partition, long Offset)>> moments)
    where TEvent : class
{
    public object? Min(IReadOnlyList<TEvent> events) => Shown(Least(Values(events)));

    public object? Max(IReadOnlyList<TEvent> events) => Shown(Greatest(Values(events)));

    public object? First(IReadOnlyList<TEvent> events) => Earliest(events);

    public object? Last(IReadOnlyList<TEvent> events) => Shown(events.Where(e => value(e) is not null)
        .OrderByDescending(e => moments(e).Max()).Select(value).FirstOrDefault());

    public object? MinBy(IReadOnlyList<TEvent> events, Func<TEvent, object?> by) => AtRank(events, by, Least);

    public object? MaxBy(IReadOnlyList<TEvent> events, Func<TEvent, object?> by) => AtRank(events, by, Greatest);

    public object? CountDistinct(IReadOnlyList<TEvent> events) => (long)Values(events).Distinct().Count();

    public object? TopK(IReadOnlyList<TEvent> events, int k, int cap)
    {
        List<IGrouping<object, object>> groups = [.. Values(events).GroupBy(each => each)];
        return groups.Count > cap
            ? null
            : groups.OrderByDescending(group => group.Count()).ThenBy(group => group.Key, Comparer<object>.Create(OracleValues.Compare)).Take(k)
                .Select(group => (object?)new object?[] { OracleValues.Shown(group.Key), (long)group.Count() }).ToArray();
    }

    public object? CollectSet(IReadOnlyList<TEvent> events, int cap)
    {
        List<object> all = [.. Values(events).Distinct().Order(Comparer<object>.Create(OracleValues.Compare))];
        return new object?[] { all.Take(cap).Select(OracleValues.Shown).ToArray(), all.Count > cap };
    }

    private object? Earliest(IEnumerable<TEvent> events) =>
        Shown(events.Where(e => value(e) is not null).OrderBy(e => moments(e).Min()).Select(value).FirstOrDefault());

    private object? AtRank(IReadOnlyList<TEvent> events, Func<TEvent, object?> by, Func<List<object>, object?> extreme)
    {
        List<TEvent> whole = [.. events.Where(e => value(e) is not null && by(e) is not null)];
        object? rank = extreme([.. whole.Select(e => OracleValues.Canonical(by(e)!))]);
        return Earliest(whole.Where(e => OracleValues.Canonical(by(e)!).Equals(rank)));
    }

    private List<object> Values(IReadOnlyList<TEvent> events) => [.. events.Select(value).OfType<object>().Select(OracleValues.Canonical)];

    private static object? Least(List<object> values) => values.Find(OracleValues.IsNaN) ?? values.Order(Comparer<object>.Create(OracleValues.Compare)).FirstOrDefault();

    private static object? Greatest(List<object> values) => values.Order(Comparer<object>.Create(OracleValues.Compare)).LastOrDefault();

    private static object? Shown(object? value) => value is null ? null : OracleValues.Shown(OracleValues.Canonical(value));
}
