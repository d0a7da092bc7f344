using Lambda.Definition;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Tests.Kernel.Streams;
using Lambda.Views.Operators;
using Lambda.Views.Partials;
using Lambda.Views.Plans;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Kernel.Sessions;

/// <summary>Sessions with a gap of 10 minutes. Timelines are drawn in minutes: <c>x</c> is an event, <c>=</c> what it stands for.</summary>
public sealed class SessionTests
{
    private static readonly DateTimeOffset Midnight = new(2024, 3, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// <code>
    /// 0         10        20        30        40
    /// x=========x=========                             events exactly the gap apart are one session: [0, 20)
    ///                      x=========                  one minute more, and it is another: [21, 31)
    /// </code>
    /// </summary>
    [Fact]
    public void Events_the_gap_apart_are_one_session_and_a_session_ends_a_gap_after_its_last_event()
    {
        Table table = new();
        table.Add(0, 10, 21);
        Assert.Equal(["0..20 n=2", "21..31 n=1"], table.Export());
    }

    /// <summary>
    /// <code>
    /// 0         10        20        30
    /// x=========          x=========      two sessions,
    ///           x=========                and the event that makes them one: [0, 30)
    /// </code>
    /// In one batch the events of the second have been assigned already when the third comes.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_event_that_connects_two_sessions_makes_them_one(int perBatch)
    {
        Table table = new();
        table.AddInBatches(perBatch, 0, 20, 10);
        Assert.Equal(["0..30 n=3"], table.Export());
    }

    [Fact]
    public void Connections_of_connections_in_one_batch_end_up_in_one_session()
    {
        Table table = new();
        table.Add(60, 40, 20, 0, 80, 30, 50, 70, 10, 200);
        Assert.Equal(["0..90 n=9", "200..210 n=1"], table.Export());
    }

    /// <summary>
    /// <code>
    ///           10        20        30        40
    ///           x=========                              stored under start 10,
    ///                               x=========          and 30;
    ///      x=========                                   then the first begins at 5
    ///                     x=========                    and the second goes into it: 10 and 30 are no more
    /// </code>
    /// </summary>
    [Fact]
    public void A_session_that_was_stored_under_another_start_leaves_a_row_of_no_events_there()
    {
        Table table = new();
        table.Add(10, 30);
        Assert.Equal(["10..20 n=1", "30..40 n=1"], table.Export());
        table.Add(5);
        Assert.Equal(["10 gone", "5..20 n=2"], table.Export());
        table.Add(20);
        Assert.Equal(["30 gone", "5..40 n=4"], table.Export());
        table.Add(35);
        Assert.Equal(["5..45 n=5"], table.Export());
        Assert.Empty(table.Export());
        Assert.Equal(["5..45 n=5"], table.ExportAll());
    }

    [Fact]
    public void A_session_that_was_never_stored_leaves_nothing_when_it_moves_or_goes()
    {
        Table table = new();
        table.Add(30, 25, 5, 15);
        Assert.Equal(["5..40 n=4"], table.Export());
    }

    /// <summary>
    /// <code>
    /// watermark before each event, without out-of-orderness: the highest time, less one microsecond
    /// 0         10        20        30        40
    /// x=========                                    0: [0, 10)
    ///                         x=========            24: the watermark refuses [0, 10) from now on
    ///      x=========                               5: would be refused at 15, and [0, 10) was: late
    ///                     x=========                20: not refused before 30: in time, joins [24, 34)
    ///           x=========                          10: refused by itself, but it touches [20, 34), which is live: in time
    /// x=========                                    0: touches [10, 34): in time, as that ends at 34
    /// </code>
    /// </summary>
    [Fact]
    public void An_event_that_touches_a_live_session_is_in_time_and_extends_it()
    {
        Table table = new();
        table.AddJudged(0, 24, 5, 20, 10, 0);
        Assert.Equal(["0..34 n=5", "5..15 n=1 late"], table.Export());
    }

    /// <summary>
    /// <code>
    /// 0         10        20        30        40        50        60
    ///                     x=========                                    20
    ///           x=========                                              10: in time only because it joins [20, 30)
    ///                               x=========                          30
    ///                                        x=========                 39: by which [10, 49) is live until the highest time is 49
    ///  x=========                                                       1: touches it: in time
    ///                                                             x==   60: from here on [1, 49) is refused
    /// x=========                                                        0: late, though it touches it
    /// </code>
    /// </summary>
    [Fact]
    public void A_session_that_was_refused_takes_no_event_any_more()
    {
        Table table = new();
        table.AddJudged(20, 10, 30, 39, 1, 60, 0);
        Assert.Equal(["0..10 n=1 late", "1..49 n=5", "60..70 n=1"], table.Export());
    }

    [Fact]
    public void Late_events_and_those_in_time_never_mix()
    {
        Table table = new();
        table.AddJudged(100, 0, 5, 95, 91);
        Assert.Equal(["0..15 n=2 late", "91..110 n=3"], table.Export());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_live_outlives_the_epoch_and_the_process(bool isRestarted)
    {
        Table table = new();
        table.AddJudged(100, 95);
        PartialBatch stored = table.ExportBatch();
        Table next = isRestarted ? new Table(table, stored) : table;
        if (!isRestarted)
        {
            next.StartEpoch();
        }

        next.AddJudged(86, 70);
        Assert.Equal(["70..80 n=1 late", "86..96 n=1"], next.Export());
    }

    /// <summary>
    /// <code>
    ///          0         10        20        30
    ///          x=========                           0: refused from 24 on
    ///                                  x=========   24
    ///                              x=========       20
    ///                    x=========                 10: joins [20, 34), which is live; [0, 10) is refused and takes no part
    /// x=========                                    -9: touches [0, 10) only: late
    /// </code>
    /// The stored partial is [0, 34), as its intervals touch, whatever came when. Were it taken for the live session, the answer would depend on when the
    /// process was started.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_refused_session_stays_refused_when_it_is_stored_as_one_with_a_live_one(bool isRestarted)
    {
        Table table = new();
        table.AddJudged(0, 24, 20, 10);
        PartialBatch stored = table.ExportBatch();
        Assert.Equal(1, stored.Count);
        Table next = isRestarted ? new Table(table, stored) : table;
        next.AddJudged(-9);
        Assert.Equal(["-9..1 n=1 late"], next.Export());
    }

    /// <summary>One key; times in minutes.</summary>
    private sealed class Table
    {
        private static readonly StreamPlan Plan = CreatePlan();
        private readonly StreamOperator _kernel;
        private readonly EventBatch _events;
        private readonly Time.WatermarkTracker _watermark;

        public Table()
            : this(null)
        {
        }

        /// <summary>Goes on from what another has stored.</summary>
        public Table(Table before, PartialBatch stored)
            : this(before._watermark.MaxEventTime) =>
            _kernel.Views[0].Table.Resume(stored, Time.WatermarkTracker.Of(_watermark.MaxEventTime, 0));

        private Table(long? maxEventTime)
        {
            StringDictionary dictionary = new();
            _kernel = new StreamOperator(Plan, dictionary);
            _events = new EventBatch(Plan.ViewProjection, dictionary);
            _watermark = new Time.WatermarkTracker(0, maxEventTime);
        }

        public void Add(params int[] minutes) => Process(minutes, isJudged: false);

        public void AddInBatches(int size, params int[] minutes)
        {
            foreach (int[] batch in minutes.Chunk(size))
            {
                Add(batch);
            }
        }

        public void AddJudged(params int[] minutes) => Process(minutes, isJudged: true);

        public void StartEpoch()
        {
            StringDictionary dictionary = new();
            dictionary.Intern("another id for what comes first");
            _events.Reset(dictionary);
            _kernel.Reset(dictionary);
        }

        public List<string> Export() => Text(ExportBatch());

        public List<string> ExportAll()
        {
            PartialBatch all = new(Plan.Views[0].View.Layout);
            _kernel.Views[0].Table.ExportAll(all);
            return Text(all);
        }

        public PartialBatch ExportBatch()
        {
            PartialBatch touched = new(Plan.Views[0].View.Layout);
            _kernel.Views[0].Table.ExportTouched(touched);
            return touched;
        }

        private static List<string> Text(PartialBatch batch) =>
        [
            .. Enumerable.Range(0, batch.Count).Select(row =>
            {
                Assert.Equal(batch.EventCounts[row], ((ColumnBuffer<long>)batch.States[0])[row]);
                return batch.EventCounts[row] == 0
                    ? $"{Minute(batch.Starts[row])} gone"
                    : $"{Minute(batch.Starts[row])}..{Minute(batch.Ends[row])} n={batch.EventCounts[row]}" + (batch.Missed[row] == 0 ? "" : " late");
            }).Order(StringComparer.Ordinal),
        ];

        private static long Minute(long instant) => (instant - Time.UtcMicroseconds.From(Midnight)) / 60_000_000;

        private static StreamPlan CreatePlan()
        {
            StreamBuilder<Reading> stream = new StreamBuilder<Reading>("readings").EventTime(e => e.Time).PartitionBy(e => e.Site);
            stream.View("sessions").GroupBy(e => e.Unit).Window(Session.WithGap(TimeSpan.FromMinutes(10))).Aggregate(a => new { Events = a.Count() });
            return new StreamPlan(((IStreamBuilder)stream).Build());
        }

        private void Process(int[] minutes, bool isJudged)
        {
            _events.Clear();
            for (int i = 0; i < minutes.Length; i++)
            {
                BatchFilling.Add(_events, new Reading($"{i}", Midnight.AddMinutes(minutes[i])) { Unit = "u" }, 0, i, Plan.Stream.EventTime);
            }

            long[] watermarks = new long[minutes.Length];
            _watermark.Advance(_events.EventTimes.AsSpan(0, minutes.Length), watermarks);
            RowSelection rows = new();
            rows.SelectAll(minutes.Length);
            _kernel.Process(_events, rows, isJudged ? watermarks : default);
        }
    }
}
