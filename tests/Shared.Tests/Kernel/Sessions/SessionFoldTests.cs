using Lambda.Definition;
using Lambda.Events;
using Lambda.Tests.Kernel.Streams;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Kernel.Sessions;

/// <summary>How stored intervals become sessions; drawn without a unit, as any will do.</summary>
public sealed class SessionFoldTests
{
    private static readonly ViewDefinition View = Declare();

    /// <summary>
    /// <code>
    /// results   [0, 10)  [10, 20)        [21, 30)          what touches is one; a unit between is enough to part
    /// </code>
    /// </summary>
    [Fact]
    public void Intervals_that_touch_are_one_session_whatever_order_and_source_they_come_in()
    {
        WindowComposer composer = new(View);
        composer.Add(composer.AddSource(PartialSelection.Accepted, SourceRole.Result), Partials(("a", 21, 30, 0, 1), ("a", 10, 20, 0, 2), ("b", 19, 22, 0, 4)));
        composer.Add(composer.AddSource(PartialSelection.Accepted, SourceRole.Result), Partials(("a", 0, 10, 0, 8), ("a", 5, 7, 0, 16)));
        Assert.Equal(["a 0..20 n=26", "a 21..30 n=1", "b 19..22 n=4"], Rows(composer, TimeWindow.All));
        Assert.Equal(["a 0..20 n=26", "b 19..22 n=4"], Rows(composer, new TimeWindow(19, 20)));
    }

    /// <summary>
    /// <code>
    /// results    [0, 10)           [30, 40)
    /// tallies         [8, 30)                  touches both: counts in the earlier, and does not connect them
    ///                                  [35, 60)    counts in the later, and does not extend it
    ///                                      [50, 55)
    ///                                        [54, 70) both touch no session, but one that does
    ///                                                   [80, 85)
    ///                                                      [85, 90) touch no session: both are one without results
    /// </code>
    /// </summary>
    [Fact]
    public void Tallied_intervals_that_touch_count_together_in_one_session_and_connect_and_extend_none()
    {
        WindowComposer composer = new(View);
        PartialSource results = composer.AddSource(PartialSelection.Accepted, SourceRole.Result);
        PartialSource late = composer.AddSource(PartialSelection.Late, SourceRole.Tally);
        composer.Add(results, Partials(("a", 0, 10, 0, 1), ("a", 30, 40, 0, 1)));
        composer.Add(late, Partials(("a", 8, 30, 1, 2), ("a", 35, 60, 1, 4), ("a", 50, 55, 1, 8), ("a", 54, 70, 1, 16), ("a", 80, 85, 1, 32), ("a", 85, 90, 1, 64), ("a", 0, 99, 0, 128)));
        Assert.Equal(["a 0..10 n=1 late 2", "a 30..40 n=1 late 28", "a 80..90 n=0 late 96"], Rows(composer, TimeWindow.All, late));
    }

    /// <summary>Events of an epoch that touch are one partial; those of several are not.</summary>
    [Fact]
    public void Where_epochs_end_makes_no_difference_to_what_is_tallied()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        for (int round = 0; round < 200; round++)
        {
            const int Gap = 10;
            long[] results = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => (long)random.Next(300))];
            long[] late = [.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => (long)random.Next(300))];
            string[] inOne = Tallied(results, [late]);
            for (int cut = 0; cut < 5; cut++)
            {
                int epochs = random.Next(1, 5);
                string[] inSeveral = Tallied(results, late.GroupBy(_ => random.Next(epochs)).Select(epoch => epoch.ToArray()));
                Assert.True(inOne.SequenceEqual(inSeveral), $"Seed {seed}, round {round}: {string.Join("; ", inSeveral)} instead of {string.Join("; ", inOne)}.");
            }

            static string[] Tallied(long[] results, IEnumerable<long[]> epochs)
            {
                WindowComposer composer = new(View);
                composer.Add(composer.AddSource(PartialSelection.Accepted, SourceRole.Result), Partials([.. Chained(results, missed: 0)]));
                PartialSource tally = composer.AddSource(PartialSelection.Late, SourceRole.Tally);
                foreach (long[] epoch in epochs)
                {
                    composer.Add(tally, Partials([.. Chained(epoch, missed: 1)]));
                }

                return Rows(composer, TimeWindow.All, tally);
            }

            static IEnumerable<(string Key, long Start, long End, int Missed, long Events)> Chained(long[] times, int missed)
            {
                long[] sorted = [.. times.Order()];
                for (int first = 0, next; first < sorted.Length; first = next)
                {
                    for (next = first + 1; next < sorted.Length && sorted[next] <= sorted[next - 1] + Gap;)
                    {
                        next++;
                    }

                    yield return ("a", sorted[first], sorted[next - 1] + Gap, missed, next - first);
                }
            }
        }
    }

    [Fact]
    public void A_joining_tally_connects_and_extends_as_if_it_counted()
    {
        WindowComposer composer = new(View);
        PartialSource results = composer.AddSource(PartialSelection.Accepted, SourceRole.Result);
        PartialSource late = composer.AddSource(PartialSelection.Late, SourceRole.JoiningTally);
        composer.Add(results, Partials(("a", 0, 10, 0, 1), ("a", 30, 40, 0, 1)));
        composer.Add(late, Partials(("a", 8, 30, 1, 2), ("a", 41, 50, 1, 4)));
        Assert.Equal(["a 0..40 n=2 late 2", "a 41..50 n=0 late 4"], Rows(composer, TimeWindow.All, late));
    }

    [Fact]
    public void A_row_of_no_events_is_no_part_of_a_session()
    {
        WindowComposer composer = new(View);
        composer.Add(
            composer.AddSource(PartialSelection.AcceptedAndLate, SourceRole.Result), Partials(("a", 0, 10, 0, 1), ("a", 10, 20, 0, 0), ("a", 20, 30, 1, 2)));
        Assert.Equal(["a 0..10 n=1", "a 20..30 n=2"], Rows(composer, TimeWindow.All));
    }

    private static ViewDefinition Declare()
    {
        StreamBuilder<Reading> stream = new StreamBuilder<Reading>("readings").EventTime(e => e.Time).PartitionBy(e => e.Site);
        stream.View("sessions").GroupBy(e => e.Unit).Window(Session.WithGap(TimeSpan.FromMicroseconds(1))).Aggregate(a => new { Events = a.Count() });
        return ((IStreamBuilder)stream).Build().Views[0];
    }

    private static PartialBatch Partials(params (string Key, long Start, long End, int Missed, long Events)[] rows)
    {
        PartialBatch batch = new(View.Layout);
        foreach ((string key, long start, long end, int missed, long events) in rows)
        {
            ((ColumnBuffer<string>)batch.Keys[0]).Add(key);
            batch.Starts.Add(start);
            batch.Ends.Add(end);
            batch.LiveSessions!.Add(new TimeWindow(start, end));
            batch.Missed.Add(missed);
            batch.EventCounts.Add(events);
            ((ColumnBuffer<long>)batch.States[0]).Add(events);
        }

        return batch;
    }

    private static string[] Rows(WindowComposer composer, TimeWindow range, PartialSource? late = null) =>
    [
        .. composer.Compose(range).OrderBy(row => row.Key).ThenBy(row => row.Start).Select(row =>
        {
            Assert.Equal(row.EventCount, row.Results[0]);
            return $"{row.Key} {row.Start}..{row.End} n={row.EventCount}" + (late is null ? "" : $" late {row.EventsOf(late)}");
        }),
    ];
}
