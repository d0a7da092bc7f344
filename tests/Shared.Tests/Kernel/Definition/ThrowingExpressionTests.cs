using Lambda.Definition;
using Lambda.Expressions;
using Lambda.Tests.Kernel.Streams;
using Lambda.Views;
using Lambda.Views.Composing;
using Xunit;
using static Lambda.Tests.Kernel.Definition.Evaluation;

namespace Lambda.Tests.Kernel.Definition;

public sealed class ThrowingExpressionTests
{
    private static readonly Reading[] Events =
        [.. Enumerable.Range(0, 10).Select(i => new Reading($"{i}", DateTimeOffset.UnixEpoch) { Count = i % 4, Site = i == 5 ? null : "s", Amount = i })];

    [Fact]
    public void An_event_whose_expression_throws_counts_in_no_view_and_is_reported_once()
    {
        StreamBuilder<Reading> builder = new StreamBuilder<Reading>("readings").EventTime(e => e.Time);
        builder.View("counts").Window(Hours).Aggregate(a => new { N = a.Count() });
        builder.View("divides").Window(Hours).Aggregate(a => new { V = a.Sum(e => 12 / e.Count) });
        builder.View("reads").Where(e => e.Site!.Length > 0).GroupBy(e => 6 / e.Count).Window(Hours).Aggregate(a => new { N = a.Count() });
        StreamDefinition stream = Catalog.Build([builder]).Streams[0];

        IReadOnlyList<WindowRow> rows = Rows(stream, Events, out IReadOnlyList<FailedRow> failures);

        // Rows 0, 4 and 8 divide by zero in two views; row 5 has no site.
        Assert.Equal([0, 4, 5, 8], failures.Select(failure => failure.Row).Order());
        Assert.All(failures, failure => Assert.Matches("^view '(divides|reads)': (DivideByZero|NullReference)Exception: .+", failure.Detail));
        Assert.Equal(6, rows[0].EventCount);
        Assert.Equal(6, rows[1].EventCount);
        Assert.Equal((Int128)(12 + 6 + 4 + 6 + 4 + 12), rows[1].Results[0]);
        Assert.Equal(6, rows.Skip(2).Sum(row => row.EventCount));
    }

    [Fact]
    public void A_filter_saves_the_expressions_behind_it()
    {
        StreamDefinition stream = Define(view => view.Where(e => e.Count != 0).Where(e => 8 / e.Count > 0).GroupBy(e => 6 / e.Count).Window(Hours)
            .Aggregate(a => new { V = a.Sum(e => 12 / e.Count) }));

        Assert.Equal(7, Rows(stream, Events, out IReadOnlyList<FailedRow> failures).Sum(row => row.EventCount));
        Assert.Empty(failures);
    }

    [Fact]
    public void All_events_may_fail()
    {
        StreamDefinition stream = Define(view => view.Window(Hours).Aggregate(a => new { V = a.Max(e => Fail(e.Count)) }));

        Assert.Empty(Rows(stream, Events, out IReadOnlyList<FailedRow> failures));
        Assert.Equal(Events.Length, failures.Count);
        Assert.Equal("view 'by_site': InvalidOperationException: no 3", failures[3].Detail);
    }

    private static int Fail(int value) => throw new InvalidOperationException($"no {value}");
}
