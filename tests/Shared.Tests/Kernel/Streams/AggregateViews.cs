using System.Linq.Expressions;
using Lambda.Aggregation;
using Lambda.Definition;
using Lambda.TestSupport.Oracle;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Tests.Kernel.Streams;

/// <summary>Every aggregate function over every type of values, once as a user declares it and once in the oracle's plain functions.</summary>
internal sealed class AggregateViews
{
    private static readonly double[] Bounds = [-1, 0, 50];

    private readonly StreamBuilder<Reading> _stream = new StreamBuilder<Reading>("readings").EventTime(e => e.Time);
    private readonly List<OracleView<Reading>> _views = [];

    /// <summary>By event, the moments at which it came.</summary>
    private readonly Dictionary<Reading, List<(long Time, int Partition, long Offset)>> _moments = new(ReferenceEqualityComparer.Instance);

    public AggregateViews()
    {
        AddChoices("flags", e => e.Flag);
        AddChoices("maybe_flags", e => e.MaybeFlag);
        AddChoices("shorts", e => (short)e.Count);
        AddChoices("integers", e => e.MaybeCount);
        AddChoices("longs", e => e.MaybeAmount);
        AddChoices("singles", e => (float)e.Ratio);
        AddChoices("doubles", e => e.MaybeRatio);
        AddChoices("decimals", e => e.MaybePrice);
        AddChoices("texts", e => e.Site);
        AddChoices("computed_texts", e => e.Site + "/" + e.Unit);
        AddChoices("times", e => e.Seen);
        AddChoices("instants", e => e.Time);
        AddChoices("dates", e => DateOnly.FromDayNumber(e.Count & 0xFFFF));
        AddChoices("durations", e => TimeSpan.FromTicks(e.Amount));
        AddChoices("guids", e => ReadingFunctions.Identity(e.Count));
        AddChoices("enumerations", e => (DayOfWeek)(e.Count & 7));
        AddIntegers("spread_integers", e => (long?)e.Count);
        AddIntegers("spread_maybe_longs", e => e.MaybeAmount);
        AddDoubles("spread_doubles", e => (double?)ReadingFunctions.Tame(e.Ratio));
        AddDoubles("spread_decimals", e => (double?)ReadingFunctions.Tame((double)e.Price));
    }

    public StreamDefinition Declared() => ((IStreamBuilder)_stream).Build();

    public OracleModel<Reading> Expected(IEnumerable<OracleRecord<Reading>> records)
    {
        _moments.Clear();
        foreach (OracleRecord<Reading> record in records.Where(record => record.Event is not null))
        {
            if (!_moments.TryGetValue(record.Event!, out List<(long Time, int Partition, long Offset)>? moments))
            {
                _moments.Add(record.Event!, moments = []);
            }

            moments.Add((OracleTime.Microseconds(record.Event!.Time), record.Partition, record.Offset));
        }

        return new() { Time = e => OracleTime.Microseconds(e.Time), Views = _views };
    }

    private void AddChoices<T>(string name, Expression<Func<Reading, T>> selector)
    {
        View(name).Aggregate(SelectorsInPlace.Of((Aggregates<Reading> a) => new
        {
            Values = a.Count(selector),
            Least = a.Min(selector),
            Most = a.Max(selector),
            First = a.First(selector),
            Last = a.Last(selector),
            AtLeastRatio = a.MinBy(selector, e => e.Ratio),
            AtMostText = a.MaxBy(selector, e => e.Site),
            CountAtLeast = a.MinBy(e => e.Count, selector),
            UnitAtMost = a.MaxBy(e => e.Unit, selector),
            Distinct = a.CountDistinct(selector),
            AboutDistinct = a.ApproxCountDistinct(selector),
            Top = a.TopK(selector, 3),
            TopOfFew = a.TopK(selector, 2, 4),
            Set = a.CollectSet(selector, 3),
        }));
        Func<Reading, T> value = selector.Compile();
        OracleChoice<Reading> values = new(e => value(e), e => _moments[e]);
        OracleChoice<Reading> counts = new(e => e.Count, e => _moments[e]);
        OracleChoice<Reading> units = new(e => e.Unit, e => _moments[e]);
        AddExpected(name,
            events => (long)events.Count(e => value(e) is not null), values.Min, values.Max, values.First, values.Last,
            events => values.MinBy(events, e => e.Ratio), events => values.MaxBy(events, e => e.Site),
            events => counts.MinBy(events, e => value(e)), events => units.MaxBy(events, e => value(e)),
            values.CountDistinct, values.CountDistinct, events => values.TopK(events, 3, 10_000), events => values.TopK(events, 2, 4),
            events => values.CollectSet(events, 3));
    }

    private void AddIntegers(string name, Expression<Func<Reading, long?>> selector)
    {
        AddSpread(name, selector);
        Func<Reading, long?> value = selector.Compile();
        AddExpectedSpread(name, (events, freedom) => OracleSpread.Variance(events.Select(value), freedom), e => value(e));
    }

    private void AddDoubles(string name, Expression<Func<Reading, double?>> selector)
    {
        AddSpread(name, selector);
        Func<Reading, double?> value = selector.Compile();
        AddExpectedSpread(name, (events, freedom) => OracleSpread.Variance(events.Select(value), freedom), value);
    }

    private void AddSpread<T>(string name, Expression<Func<Reading, T>> selector) => View(name).Aggregate(SelectorsInPlace.Of((Aggregates<Reading> a) => new
    {
        Large = a.CountIf(e => e.MaybeCount > 0),
        Variance = a.Variance(selector),
        OfAll = a.PopulationVariance(selector),
        Deviation = a.StdDev(selector),
        DeviationOfAll = a.PopulationStdDev(selector),
        Shape = a.Histogram(selector, -1, 0, 50),
    }));

    private void AddExpectedSpread(string name, Func<IReadOnlyList<Reading>, int, double?> variance, Func<Reading, double?> value) => AddExpected(name,
        events => (long)events.Count(e => e.MaybeCount > 0), events => variance(events, 1), events => variance(events, 0),
        events => variance(events, 1) is { } square ? Math.Sqrt(square) : null, events => variance(events, 0) is { } square ? Math.Sqrt(square) : null,
        events => OracleSpread.Histogram(events.Select(value), Bounds));

    private ViewBuilder<Reading> View(string name) =>
        _stream.View(name).GroupBy(e => e.Unit).Window(Tumbling.Every(TimeSpan.FromDays(1)));

    private void AddExpected(string name, params Func<IReadOnlyList<Reading>, object?>[] aggregates) => _views.Add(new OracleView<Reading>
    {
        Name = name,
        Key = e => [e.Unit],
        Windows = OracleSliding.Tumbling(86_400_000_000),
        Aggregates = aggregates,
    });
}
