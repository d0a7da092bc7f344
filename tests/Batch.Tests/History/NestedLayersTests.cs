using System.Globalization;
using System.Text;
using Lambda.Batch.History;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Expressions;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Operators;
using Lambda.Views.Partials;
using Lambda.Views.Plans;
using Lambda.Windows;

namespace Lambda.Batch.Tests.History;

public sealed class NestedLayersTests
{
    [Fact]
    public async Task Views_over_objects_arrays_and_elements_say_the_same_from_JSON_and_from_the_history()
    {
        Random random = new(31);
        StreamPlan plan = new(Declare());
        List<Basket> events = [.. Enumerable.Range(0, 5000).Select(number => Baskets.Random(random, number))];

        StringDictionary dictionary = new();
        EventBatch batch = new(plan.ViewProjection, dictionary);
        JsonEventDecoder decoder = new(DecodeRules.Of(plan.Stream), plan.ViewProjection);
        StreamOperator speed = new(plan, dictionary);
        HashSet<long> failedInSpeed = [];
        foreach (Basket[] some in events.Chunk(77))
        {
            batch.Clear();
            foreach (Basket basket in some)
            {
                long offset = long.Parse(basket.Id, CultureInfo.InvariantCulture);
                Assert.Null(decoder.Decode(Encoding.UTF8.GetBytes(Baskets.Spelled(basket)), 0, offset, UtcMicroseconds.MaxValue, batch));
            }

            Process(speed, batch, failedInSpeed);
        }

        using HistoryFixture history = new();
        HistoryTable table = await Baskets.OpenAsync(history, plan.Stream);
        await Baskets.AppendAsync(table, events, 0, Projection.Everything(plan.Stream.Schema));
        StreamOperator? layer = null;
        HashSet<long> failedInBatch = [];
        await foreach (EventBatch read in Baskets.ReadAsync(table, plan.ViewProjection, long.MaxValue))
        {
            layer ??= new StreamOperator(plan, read.Dictionary);
            Process(layer, read, failedInBatch);
        }

        Assert.Equal(failedInSpeed, failedInBatch);
        Assert.NotEmpty(failedInSpeed);
        for (int view = 0; view < plan.Views.Count; view++)
        {
            List<string> rows = Rows(speed.Views[view]);
            Assert.NotEmpty(rows);
            Assert.Equal(rows, Rows(layer!.Views[view]));
        }
    }

    private static StreamDefinition Declare()
    {
        StreamBuilder<Basket> stream = new StreamBuilder<Basket>("baskets").EventTime(e => e.At);
        WindowSpec hours = Tumbling.Every(TimeSpan.FromHours(1));
        stream.View("cities").GroupBy(e => new { e.Shop.Main.City, Near = e.Origin == null ? null : e.Origin.Main.City, Lines = e.Lines == null ? -1 : e.Lines.Length })
            .Window(hours).Aggregate(a => new { Codes = a.Sum(e => e.Shop.Main.Code), Tags = a.Sum(e => e.Tags.Count) });
        stream.View("whole").Where(e => e.Tags.Contains("a")).Window(hours)
            .Aggregate(a => new { Lines = a.Sum(e => e.Lines == null ? 0 : e.Lines.Sum(line => line.Price)), Longest = a.Max(e => Longest(e.MaybeLines)) });
        stream.View("numbers").Where(e => e.Shop.Number != Guid.Empty).GroupBy(e => e.Shop.Number).Window(hours).Aggregate(a => new { N = a.Count() });
        stream.SelectMany(e => e.Lines, (e, line) => new { e.Shop.Main.City, line.Sku, line.Price, line.From, Codes = line.Discounts })
            .View("lines").Where(x => x.From == null || x.From.Code != 9998).GroupBy(x => new { x.City, x.Sku }).Window(hours)
            .Aggregate(a => new { Price = a.Sum(x => x.Price), Most = a.Max(x => x.Codes == null ? -1 : x.Codes.Sum(d => d.Percent)) });
        stream.SelectMany(e => e.Amounts).View("amounts").Window(hours).Aggregate(a => new { S = a.Sum(amount => amount) });

        // Looks into what is null for one in many.
        stream.View("failing").Where(e => e.Shop.Main.Code != 17 || e.Origin!.Place!.City.Length >= 0).Window(hours).Aggregate(a => new { N = a.Count() });
        return ((IStreamBuilder)stream).Build();
    }

    private static void Process(StreamOperator layer, EventBatch batch, HashSet<long> failed)
    {
        RowSelection rows = new();
        rows.SelectAll(batch.Count);
        foreach (FailedRow failure in layer.Process(batch, rows, []))
        {
            failed.Add(batch.Offsets[failure.Row]);
        }
    }

    private static List<string> Rows(ViewOperator view)
    {
        PartialBatch partials = new(view.View.Layout);
        view.Table.ExportAll(partials);
        WindowComposer composer = new(view.View);
        composer.Add(composer.AddSource(PartialSelection.Accepted, SourceRole.Result), partials);
        return
        [
            .. composer.Compose(TimeWindow.All).Select(row => string.Join(
                '|', row.Key.Parts.Append(row.Start).Append(row.EventCount).Concat(row.Results).Select(value => FormattableString.Invariant($"{value ?? "null"}")))),
        ];
    }

    private static int Longest(List<Line?>? lines) => lines is null or [] ? 0 : lines.Max(line => line?.Sku.Length ?? 0);
}
