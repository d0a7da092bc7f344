using System.Text;
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
using Xunit;

namespace Lambda.Tests.Kernel.Rich;

/// <summary>JSON records through the views of a stream.</summary>
internal sealed class JsonRun
{
    private readonly List<WindowRow>[] _rows;

    public JsonRun(IStreamBuilder builder, IEnumerable<string> records, long[]? watermarks = null)
    {
        StreamDefinition stream = Catalog.Build([builder]).Streams[0];
        StreamPlan plan = new(stream);
        StringDictionary dictionary = new();
        EventBatch batch = new(plan.ViewProjection, dictionary);
        JsonEventDecoder decoder = new(DecodeRules.Of(stream), plan.ViewProjection);
        foreach (string json in records)
        {
            Assert.Null(decoder.Decode(Encoding.UTF8.GetBytes(json), 0, batch.Count, UtcMicroseconds.MaxValue, batch));
        }

        StreamOperator kernel = new(plan, dictionary);
        RowSelection rows = new();
        rows.SelectAll(batch.Count);
        Failures = [.. kernel.Process(batch, rows, watermarks ?? [])];
        Late = [.. kernel.Views.Select(view => Compose(view, PartialSelection.Late))];
        _rows = [.. kernel.Views.Select(view => Compose(view, PartialSelection.Accepted))];
    }

    public IReadOnlyList<FailedRow> Failures { get; }

    /// <summary>Per view its windows, of late events only.</summary>
    public IReadOnlyList<IReadOnlyList<WindowRow>> Late { get; }

    /// <summary>The windows of a view as text: key parts, event count, results.</summary>
    public IEnumerable<string> Lines(int view = 0) => Lines(_rows[view]);

    public static IEnumerable<string> Lines(IEnumerable<WindowRow> rows) => rows.Select(row => string.Join(
        ' ', row.Key.Parts.Append(row.EventCount).Concat(row.Results).Select(value => value is null ? "null" : FormattableString.Invariant($"{value}"))));

    private static List<WindowRow> Compose(ViewOperator view, PartialSelection selection)
    {
        PartialBatch partials = new(view.View.Layout);
        view.Table.ExportAll(partials);
        WindowComposer composer = new(view.View);
        composer.Add(composer.AddSource(selection, SourceRole.Result), partials);
        return [.. composer.Compose(TimeWindow.All)];
    }
}
