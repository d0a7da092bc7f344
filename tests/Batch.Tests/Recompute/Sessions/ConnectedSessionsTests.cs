using System.Reflection;
using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Sessions;
using Lambda.Batch.Tests.Support;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Recompute.Sessions;

/// <summary>Partials are a key and an interval of minutes here.</summary>
public class ConnectedSessionsTests
{
    private const long Before = 1;
    private const long After = 2;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    private static ViewDefinition View { get; } = Orders.Catalog(stream => stream.View("visits")
        .GroupBy(o => o.Shop)
        .Window(Session.WithGap(TimeSpan.FromMinutes(1)))
        .Aggregate(a => new { Orders = a.Count() })).FindView("visits")!;

    /// <summary>
    /// <code>
    /// kept        0---2     4---6         9--10
    /// repetition     2--4
    /// added                   5-7
    /// </code>
    /// </summary>
    [Fact]
    public async Task A_session_is_followed_over_partials_of_all_kinds_and_no_further()
    {
        SessionStore store = SessionStore.Of(
            (Before, PartialKind.Kept, "a", 0, 2), (Before, PartialKind.Kept, "a", 4, 6), (Before, PartialKind.Kept, "a", 9, 10), (Before, PartialKind.Kept, "b", 4, 6),
            (Before, PartialKind.Duplicate, "a", 2, 4), (After, PartialKind.Kept, "a", 4, 7));

        (var before, var after) = await ReadAsync(store, ("a", 5, 7));

        Assert.Equal(["Duplicate a 2-4", "Kept a 0-2", "Kept a 4-6"], Rows(before));
        Assert.Equal(["Kept a 4-7"], Rows(after));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task What_is_read_is_what_is_connected(int seed)
    {
        Random random = new(seed);
        (long Generation, PartialKind Kind, string Key, int Start, int End)[] held =
        [
            .. Enumerable.Range(0, random.Next(1, 200)).Select(_ => (Start: random.Next(2000), Length: random.Next(1, 12))).Select(interval => (
                random.Next(2) == 0 ? Before : After,
                (PartialKind[])[PartialKind.Kept, PartialKind.Duplicate, PartialKind.Quarantined] is var kinds ? kinds[random.Next(3)] : default,
                random.Next(3) == 0 ? "a" : "b",
                interval.Start,
                interval.Start + interval.Length)).Distinct(),
        ];
        (string Key, int Start, int End)[] added = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(2000)).Select(start => ("a", start, start + 3))];

        (var before, var after) = await ReadAsync(SessionStore.Of(held), added);

        HashSet<(string Key, int Start, int End)> connected = [.. added];
        while (held.Select(row => (row.Key, row.Start, row.End)).Where(row => !connected.Contains(row) && connected.Any(other => Touch(row, other))).ToList() is { Count: > 0 } more)
        {
            connected.UnionWith(more);
        }

        foreach ((long generation, var read) in new[] { (Before, before), (After, after) })
        {
            IEnumerable<string> expected = held
                .Where(row => row.Generation == generation && connected.Any(other => Touch((row.Key, row.Start, row.End), other)))
                .Select(row => $"{row.Kind} {row.Key} {row.Start}-{row.End}");
            Assert.True(expected.Order(StringComparer.Ordinal).SequenceEqual(Rows(read)), $"seed {seed}, generation {generation}");
        }

        static bool Touch((string Key, int Start, int End) one, (string Key, int Start, int End) other) =>
            one.Key == other.Key && one.Start <= other.End && one.End >= other.Start;
    }

    /// <summary>Each step leads one partial further.</summary>
    [Fact]
    public async Task Of_a_chain_without_end_all_of_the_key_is_read()
    {
        SessionStore store = SessionStore.Of([.. Enumerable.Range(0, 500).Select(i => (Before, i % 2 == 0 ? PartialKind.Kept : PartialKind.Duplicate, "a", i, i + 1))]);

        (var before, _) = await ReadAsync(store, ("a", 500, 501));

        Assert.Equal(500, Rows(before).Count);
        Assert.InRange(store.Reads, 1, 200);
    }

    private static Task<(IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> Before, IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> After)> ReadAsync(
        SessionStore store, params (string Key, int Start, int End)[] added)
    {
        PartialBatch around = new(View.Layout);
        foreach ((string key, int start, int end) in added)
        {
            SessionStore.Add(around, key, start, end);
        }

        return new ConnectedSessions(new StoredWindows(store.AsStore(), View), View).ReadAsync(Before, After, around, TestContext.Current.CancellationToken);
    }

    private static IReadOnlyList<string> Rows(IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> read) =>
    [
        .. read.SelectMany(part => Enumerable.Range(0, part.Partials.Count)
                .Select(row => $"{part.Kind} {part.Partials.Keys[0].GetValue(row)} {part.Partials.Starts[row]}-{part.Partials.Ends[row]}"))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>A store that has nothing but sessions of generations.</summary>
    public class SessionStore : DispatchProxy
    {
        private readonly List<(long Generation, PartialKind Kind, string Key, int Start, int End)> _rows = [];

        public int Reads { get; private set; }

        internal static SessionStore Of(params (long Generation, PartialKind Kind, string Key, int Start, int End)[] rows)
        {
            SessionStore store = (SessionStore)(object)Create<IBatchStore, SessionStore>();
            store._rows.AddRange(rows);
            return store;
        }

        internal static void Add(PartialBatch batch, string key, int start, int end)
        {
            ((Lambda.Events.ColumnBuffer<string>)batch.Keys[0]).Add(key);
            batch.Starts.Add(start);
            batch.Ends.Add(end);
            batch.Missed.Add(0);
            batch.EventCounts.Add(1);
            batch.LiveSessions?.Add(new TimeWindow(start, end));
            foreach (var state in batch.States)
            {
                state.AddNull();
            }
        }

        internal IBatchStore AsStore() => (IBatchStore)(object)this;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Assert.Equal(nameof(IBatchStore.ReadAroundAsync), targetMethod!.Name);
            Reads++;
            (long generation, PartialKind kind, PartialBatch around, Nearness nearness) = ((long)args![1]!, (PartialKind)args[2]!, (PartialBatch)args[3]!, (Nearness)args[4]!);
            PartialBatch found = new(around.Layout);
            foreach ((_, _, string key, int start, int end) in _rows.Where(row => row.Generation == generation && row.Kind == kind))
            {
                if (Enumerable.Range(0, around.Count).Any(row => Equals(around.Keys[0].GetValue(row), key)
                    && (nearness is not Nearness.Near { Microseconds: var within } || (start <= around.Ends[row] + within && end >= around.Starts[row] - within))))
                {
                    Add(found, key, start, end);
                }
            }

            return new ValueTask<PartialBatch>(found);
        }
    }
}
