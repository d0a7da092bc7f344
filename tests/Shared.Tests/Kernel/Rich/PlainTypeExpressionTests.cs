using Lambda.Definition;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Kernel.Rich;

public sealed class PlainTypeExpressionTests
{
    private enum Deed
    {
        Seen = 1,
        Pressed = 2,
    }

    private const string Session = "00000000-0000-0000-0000-0000000000aa";

    private static readonly string[] Records =
    [
        Record("Click", "\"session\":\"00000000-0000-0000-0000-0000000000AA\",\"url\":\"https://a.example/x\",\"maybe-kind\":\"view\""),
        Record("view", "\"session\":null,\"url\":\"https://b.example/\",\"maybeDay\":\"2024-03-01\",\"maybeTook\":\"00:01:00\""),
        Record("CLICK", "\"url\":\"https://A.example\",\"maybeScore\":0.5,\"sByte\":-3,\"uShort\":9"),
    ];

    [Fact]
    public void Guids_enums_dates_and_addresses_are_compared_by_value()
    {
        Guid session = Guid.Parse(Session);
        Kind kind = Kind.Click;
        Assert.Equal(2, Count(view => view.Where(e => e.Kind == Kind.Click)));
        Assert.Equal(2, Count(view => view.Where(e => e.Kind == kind)));
        Assert.Equal(1, Count(view => view.Where(e => e.MaybeKind == Kind.View)));
        Assert.Equal(2, Count(view => view.Where(e => e.MaybeKind == null)));
        Assert.Equal(1, Count(view => view.Where(e => e.Session == session)));
        Assert.Equal(3, Count(view => view.Where(e => e.Day.AddDays(1) == new DateOnly(2024, 3, 1))));
        Assert.Equal(1, Count(view => view.Where(e => e.MaybeTook > TimeSpan.FromSeconds(59))));
        Assert.Equal(2, Count(view => view.Where(e => e.Url!.Host == "a.example")));
        Assert.Equal(3, Count(view => view.Where(e => e.Byte + e.Short == -1 && e.UInt > int.MaxValue)));
        Assert.Equal(3, Count(view => view.Where(e => e.Score == 0.1f)));
        Assert.Equal(2, Count(view => view.Where(e => new[] { Kind.Click, Kind.AddToCart }.Contains(e.Kind))));
    }

    [Fact]
    public void They_are_grouped_by_their_texts()
    {
        Assert.Equal(["Click 2 2", "View 1 1"], Counted(view => view.GroupBy(e => e.Kind)).Lines());
        Assert.Equal(["null 2 2", "View 1 1"], Counted(view => view.GroupBy(e => e.MaybeKind)).Lines());
        Assert.Equal(["null 2 2", $"{Session} 1 1"], Counted(view => view.GroupBy(e => e.Session)).Lines());
        Assert.Equal(["a.example 2 2", "b.example 1 1"], Counted(view => view.GroupBy(e => e.Url!.Host)).Lines());
        Assert.Equal(["2024-02-29 3 3"], Counted(view => view.GroupBy(e => e.Day)).Lines());
        Assert.Equal(["2024-02-01 3 3"], Counted(view => view.GroupBy(e => e.Day.AddDays(-28))).Lines());
        Assert.Equal(["View 2 2", "add-to-cart 1 1"], Counted(view => view.GroupBy(e => e.Session == null ? Kind.View : Kind.AddToCart)).Lines());
        Assert.Equal(["null 2 2", "Click 1 1"], Counted(view => view.GroupBy(e => e.Session == null ? (Kind?)null : Kind.Click)).Lines());
        Assert.Equal(["1 -3 null 1 1", "1 null Click 1 1", "1 null View 1 1"],
            Counted(view => view.GroupBy(e => new { e.Byte, e.SByte, K = e.SByte == null ? (Kind?)e.Kind : null })).Lines()
                .Order(StringComparer.Ordinal));
        Assert.Equal(["4000000000 3 3"], Counted(view => view.GroupBy(e => e.UInt)).Lines());
    }

    /// <summary>The text of the member was taken for that of the value, and of a number the number itself, as if it were the id of a text.</summary>
    [Fact]
    public void Values_that_are_made_enums_by_a_conversion_are_grouped_by_the_names_that_they_have_as_such()
    {
        Assert.Equal(["View 3 3"], Counted(view => view.GroupBy(e => (Kind)e.Byte)).Lines());
        Assert.Equal(["null 2 2", "-3 1 1"], Counted(view => view.GroupBy(e => (Kind?)e.SByte)).Lines());
        Assert.Equal(["Pressed 2 2", "Seen 1 1"], Counted(view => view.GroupBy(e => (Deed)e.Kind)).Lines());
        Assert.Equal(["null 2 2", "Seen 1 1"], Counted(view => view.GroupBy(e => (Deed?)e.MaybeKind)).Lines());
        Assert.Equal(["Click 2 2", "View 1 1"], Counted(view => view.GroupBy(e => (Kind?)e.Kind)).Lines());
    }

    [Fact]
    public void Narrow_numbers_are_summed_as_the_wider_ones_and_stay_what_they_are_as_extremes()
    {
        JsonRun run = Run(view => view.Aggregate(a => new
        {
            Bytes = a.Sum(e => e.Byte),
            Signed = a.Sum(e => e.SByte),
            Scores = a.Max(e => e.Score),
            Wide = a.Sum(e => e.UInt),
            Kinds = a.Count(e => e.MaybeKind),
            Sessions = a.Count(e => e.Session),
        }));
        Assert.Equal(["3 3 -3 0.1 12000000000 1 1"], run.Lines());
    }

    [Fact]
    public void An_address_that_is_none_fails_where_it_is_looked_into()
    {
        JsonRun run = new(Stream(view => view.GroupBy(e => e.Url!.Host).Aggregate(a => new { N = a.Count() })), [Record("View", "\"url\":\"/relative\"")]);
        Assert.Contains("InvalidOperationException", Assert.Single(run.Failures).Detail, StringComparison.Ordinal);
    }

    private static string Record(string kind, string rest) =>
        $$"""
        {"id":"d85b1407-351d-4694-9392-03acc5870eb1","time":"2024-01-01T00:00:00Z","kind":"{{kind}}","day":"2024-02-29","took":"01:02:03","score":0.1,
        "byte":1,"short":-2,"uInt":4000000000,"page":"p","weight":1,{{rest}}}
        """;

    private static long Count(Action<ViewBuilder<Click>> declare) =>
        Counted(declare).Lines().Select(line => long.Parse(line.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)).Sum();

    private static JsonRun Counted(Action<ViewBuilder<Click>> declare) => Run(view =>
    {
        declare(view);
        view.Aggregate(a => new { N = a.Count() });
    });

    private static JsonRun Run(Action<ViewBuilder<Click>> declare) => new(Stream(declare), Records);

    private static StreamBuilder<Click> Stream(Action<ViewBuilder<Click>> declare)
    {
        StreamBuilder<Click> stream = new StreamBuilder<Click>("clicks").EventTime(e => e.Time);
        ViewBuilder<Click> view = stream.View("v").Window(Tumbling.Every(TimeSpan.FromHours(1)));
        declare(view);
        return stream;
    }
}
