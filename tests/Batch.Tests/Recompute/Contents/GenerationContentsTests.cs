using Lambda.Batch.Recompute.Contents;
using Lambda.Events;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Recompute.Contents;

/// <summary>Contents are the same exactly when the rows are, in whatever order these came and went.</summary>
public class GenerationContentsTests
{
    private const long Day = 86_400_000_000;

    private static readonly PartialLayout View = new(
        "s", "v", "0123456789abcdef",
        [new PartialColumn("key", ColumnType.String, true)],
        [
            new PartialColumn("flag", ColumnType.Boolean, true), new PartialColumn("int", ColumnType.Int32, true), new PartialColumn("long", ColumnType.Int64, true),
            new PartialColumn("wide", ColumnType.Int128, true), new PartialColumn("double", ColumnType.Double, true),
            new PartialColumn("decimal", ColumnType.Decimal, true), new PartialColumn("text", ColumnType.String, true), new PartialColumn("bytes", ColumnType.Bytes, true),
        ],
        PartialAddressing.Position);

    public static TheoryData<string> Changes =>
    [
        "kind", "key", "no key", "start", "end", "missed", "count", "partition", "offset", "flag", "int", "long", "wide", "zero", "no double", "scale", "text", "empty text",
        "bytes", "empty bytes",
    ];

    [Theory]
    [MemberData(nameof(Changes))]
    public void Rows_that_differ_in_anything_are_told_apart(string change)
    {
        Row row = new();
        Row other = change switch
        {
            "kind" => row with { Kind = PartialKind.Duplicate },
            "key" => row with { Key = "b" },
            "no key" => row with { Key = null },
            "start" => row with { Start = row.Start + 1 },
            "end" => row with { End = row.End + 1 },
            "missed" => row with { Missed = 1 },
            "count" => row with { Count = 3 },
            "partition" => row with { Position = new EventPosition(2, 9) },
            "offset" => row with { Position = new EventPosition(1, 10) },
            "flag" => row with { Flag = true },
            "int" => row with { Int = null },
            "long" => row with { Long = 1L << 40 },
            "wide" => row with { Wide = Int128.One << 100 },
            "zero" => row with { Double = -0.0 },
            "no double" => row with { Double = null },
            "scale" => row with { Decimal = 1.00m },
            "text" => row with { Text = "TEXT" },
            "empty text" => row with { Text = null },
            "bytes" => row with { Bytes = [1, 3] },
            "empty bytes" => row with { Bytes = null },
            _ => throw new ArgumentOutOfRangeException(nameof(change)),
        };
        if (change.StartsWith("empty", StringComparison.Ordinal))
        {
            row = row with { Text = "", Bytes = [] };
            other = change == "empty text" ? row with { Text = null } : row with { Bytes = null };
        }

        Assert.True(Of(row).HasSame(Of(row with { }), View, TimeWindow.All));
        Assert.False(Of(row).HasSame(Of(other), View, TimeWindow.All));
        Assert.False(Of(row).HasSame(Of(row, row), View, TimeWindow.All));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Rows_that_come_and_go_leave_what_is_left_also_between_what_was_stored(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 50; round++)
        {
            List<Row> one = [.. Enumerable.Range(0, random.Next(1, 300)).Select(_ => Any(random))];
            List<Row> other = [.. one];
            for (int changes = random.Next(3); changes > 0; changes--)
            {
                other[random.Next(other.Count)] = Any(random);
            }

            GenerationContents built = Of([.. one]);
            GenerationContents grown = new();
            List<Row> held = [];
            foreach (Row row in other.Concat(Enumerable.Range(0, 40).Select(_ => Any(random))).OrderBy(_ => random.Next()))
            {
                held.Add(row);
                grown.Add(row.Kind, Batch(row));
                if (random.Next(30) == 0)
                {
                    grown = new GenerationContents(grown.ToStored());
                }
            }

            foreach (Row row in other)
            {
                held.Remove(row);
            }

            foreach (Row row in held)
            {
                grown.Remove(row.Kind, Batch(row));
            }

            for (int look = 0; look < 20; look++)
            {
                TimeWindow starts = new(random.Next(-20_000, 20_000) * Day, random.Next(20_000, 40_000) * Day);
                bool areSame = Within(one, starts).SequenceEqual(Within(other, starts));
                bool haveSame = built.HasSame(grown, View, starts);
                Assert.True(areSame || !haveSame, $"seed {seed}, round {round}: a difference in {starts} was not seen.");
            }

            bool all = Within(one, TimeWindow.All).SequenceEqual(Within(other, TimeWindow.All));
            Assert.True(all == built.HasSame(grown, View, TimeWindow.All), $"seed {seed}, round {round}: {all}");
            Assert.True(all == grown.HasSame(built, View, TimeWindow.All), $"seed {seed}, round {round}: {all}");
        }
    }

    [Fact]
    public void Of_many_days_only_the_last_are_stored_one_by_one()
    {
        GenerationContents contents = Of([.. Enumerable.Range(0, 3650).Select(day => new Row { Start = day * Day })]);
        ViewContents stored = Assert.Single(contents.ToStored());
        Assert.Equal(Enumerable.Range(3650 - 64, 64).Select(day => (long)day), stored.Days.Keys);
        Assert.Equal((3650 - 64 + 31) / 32, stored.Blocks.Count);
        Assert.Equal(3650, stored.Days.Values.Sum(sum => sum.Partials) + stored.Blocks.Values.Sum(sum => sum.Partials));

        Row late = new() { Start = 3649 * Day, Count = 7 };
        GenerationContents changed = new(contents.ToStored());
        changed.Add(late.Kind, Batch(late));
        Assert.True(contents.HasSame(changed, View, new TimeWindow(long.MinValue, 3649 * Day)));
        Assert.False(contents.HasSame(changed, View, new TimeWindow(3649 * Day, long.MaxValue)));
    }

    [Fact]
    public void A_view_that_only_one_of_both_has_is_a_difference()
    {
        Assert.False(new GenerationContents().HasSame(Of(new Row()), View, TimeWindow.All));
        Assert.False(Of(new Row()).HasSame(new GenerationContents(), View, TimeWindow.All));
        Assert.True(Of(new Row()).HasSame(Of(new Row { Start = 7 }), View with { View = "another" }, TimeWindow.All));
    }

    [Fact]
    public void Another_version_of_a_view_is_another_view_though_it_holds_the_same()
    {
        PartialLayout declaredOtherwise = View with { Version = "fedcba9876543210" };
        PartialBatch rows = new(declaredOtherwise);
        rows.With(Batch(new Row()));
        GenerationContents other = new();
        other.Add(PartialKind.Kept, rows);
        Assert.False(Of(new Row()).HasSame(other, declaredOtherwise, TimeWindow.All));
    }

    [Fact]
    public void Views_that_are_declared_alike_are_two_though_their_version_is_one()
    {
        PartialLayout namesake = View with { View = "namesake" };
        PartialBatch rows = new(namesake);
        rows.With(Batch(new Row { Start = 7 }));
        GenerationContents both = Of(new Row());
        both.Add(PartialKind.Kept, rows);
        GenerationContents read = new(both.ToStored());

        Assert.All([both, read], contents => Assert.True(contents.HasSame(Of(new Row()), View, TimeWindow.All)));
        Assert.All([both, read], contents => Assert.False(contents.HasSame(Of(new Row()), namesake, TimeWindow.All)));
    }

    [Fact]
    public void What_was_stored_when_views_were_not_told_apart_is_not_known()
    {
        GenerationBasis basis = new("abc", new Dictionary<DateOnly, long>(), 0, []) { Contents = Of(new Row()).ToStored() };
        Assert.NotNull(GenerationContents.Of(basis));
        Assert.Null(GenerationContents.Of(basis with { Contents = [basis.Contents![0] with { View = null }] }));
    }

    private static IEnumerable<Row> Within(IEnumerable<Row> rows, TimeWindow starts) => rows
        .Where(row => row.Start >= starts.Start && row.Start < starts.End)
        .OrderBy(row => (row.Start, row.Kind, row.Key, row.Count, row.Double));

    private static GenerationContents Of(params Row[] rows)
    {
        GenerationContents contents = new();
        foreach (IGrouping<PartialKind, Row> kind in rows.GroupBy(row => row.Kind))
        {
            contents.Add(kind.Key, Batch([.. kind]));
        }

        return contents;
    }

    /// <summary>Of few values, on few days of many.</summary>
    private static Row Any(Random random) => new()
    {
        Kind = random.Next(5) == 0 ? PartialKind.Duplicate : PartialKind.Kept,
        Key = random.Next(4) == 0 ? null : $"{random.Next(3)}",
        Start = ((random.Next(2) == 0 ? random.Next(-20_000, 20_000) : random.Next(30)) * Day) + random.Next(2),
        Count = random.Next(3),
        Double = random.Next(3) - 1,

        // Equal arrays would be different rows to the test.
        Bytes = null,
    };

    private static PartialBatch Batch(params Row[] rows)
    {
        PartialBatch batch = new(View);
        foreach (Row row in rows)
        {
            Add(batch.Keys[0], row.Key);
            batch.Starts.Add(row.Start);
            batch.Ends.Add(row.End);
            batch.Missed.Add(row.Missed);
            batch.EventCounts.Add(row.Count);
            batch.Positions!.Add(row.Position);
            Add(batch.States[0], row.Flag);
            Add(batch.States[1], row.Int);
            Add(batch.States[2], row.Long);
            Add(batch.States[3], row.Wide);
            Add(batch.States[4], row.Double);
            Add(batch.States[5], row.Decimal);
            Add(batch.States[6], row.Text);
            Add(batch.States[7], row.Bytes);
        }

        return batch;
    }

    private static void Add<T>(ColumnBuffer column, T? value)
        where T : struct
    {
        if (value is { } given)
        {
            ((ColumnBuffer<T>)column).Add(given);
        }
        else
        {
            column.AddNull();
        }
    }

    private static void Add<T>(ColumnBuffer column, T? value)
        where T : class
    {
        if (value is not null)
        {
            ((ColumnBuffer<T>)column).Add(value);
        }
        else
        {
            column.AddNull();
        }
    }

    private sealed record Row
    {
        public PartialKind Kind { get; init; } = PartialKind.Kept;

        public string? Key { get; init; } = "a";

        public long Start { get; init; } = 5;

        public long End { get; init; } = Day;

        public int Missed { get; init; }

        public long Count { get; init; } = 2;

        public EventPosition Position { get; init; } = new(1, 9);

        public bool? Flag { get; init; } = false;

        public int? Int { get; init; } = 0;

        public long? Long { get; init; } = 0;

        public Int128? Wide { get; init; } = 0;

        public double? Double { get; init; } = 0.0;

        public decimal? Decimal { get; init; } = 1.0m;

        public string? Text { get; init; } = "text";

        public byte[]? Bytes { get; init; } = [1, 2];
    }
}
