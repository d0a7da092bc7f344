using Lambda.Serving.Answers;
using Lambda.Serving.Queries;
using Lambda.Serving.Requests;
using Lambda.Serving.Tests.Running;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Serving.Tests.Queries;

/// <summary>A stream of two partitions that begin somewhere; the speed layer has computed the view from a coverage on, the batch layer up to a boundary.</summary>
public class CoverageTests
{
    [Theory]
    [InlineData("merged", "0,0", "0,0", null, null)]
    [InlineData("merged", "0,0", "5,5", null, "from offsets [5, 5] on, and the batch layer covers it up to [0, 0] only")]
    [InlineData("merged", "0,0", "5,5", "5,4", "events between them are missing")]
    [InlineData("merged", "0,0", "5,5", "5,6", null)]
    [InlineData("batch", "0,0", "0,0", null, "No generation of view 'delays'")]
    [InlineData("batch", "0,0", "5,5", "1,1", null)]
    [InlineData("speed", "0,0", "0,0", "9,9", null)]
    [InlineData("speed", "0,0", "0,1", "9,9", "earlier events are missing")]
    [InlineData("speed", "5,1", "5,1", "9,9", null)]
    [InlineData("speed", "5,1", "5,2", "9,9", "earlier events are missing")]
    [InlineData("merged", "5,1", "5,1", null, null)]
    [InlineData("merged", "5,1", "5,2", null, "the batch layer covers it up to [5, 1] only")]
    public void An_answer_is_complete_when_no_offset_is_left_out(
        string layer, string starts, string coverage, string? boundary, string? expected)
    {
        ViewDefinition view = Sample.ViewOf(Sample.Catalog());
        GenerationInfo? generation = boundary is null
            ? null
            : new GenerationInfo(
                Sample.Stream, 1, GenerationState.Current, 1, Offsets(boundary), Sample.Start, Sample.Start, new Dictionary<string, string>());
        PartitionStatus[] partitions =
            [.. Enumerable.Range(0, 2).Select(i => new PartitionStatus(i, 10, 1, null, null, null, 0, 0) { Start = Offsets(starts)[i] })];
        ViewSnapshot snapshot = new(
            new StreamStatus(Sample.Stream, partitions, generation, new Dictionary<Events.RejectReason, long>()),
            Offsets(coverage),
            long.MinValue,
            generation,
            new Dictionary<PartialKind, PartialBatch>(),
            new PartialBatch(view.Layout));
        ViewRequest request = new(
            view, WindowRange.All, new Dictionary<int, object?>(), Enum.Parse<ViewLayer>(layer, ignoreCase: true), RowGrouping.KeyAndWindow, [], 1);

        CompletenessAnswer answer = Coverage.Judge(request, snapshot, [], []);

        Assert.Equal(expected is null, answer.Complete);
        Assert.Contains(expected ?? "", answer.Reason ?? "", StringComparison.Ordinal);
    }

    /// <summary>What the log takes then is computed by nobody; what the batch layer has computed is whole.</summary>
    [Theory]
    [InlineData("merged", 0, 3, "its log ends at offset 3")]
    [InlineData("speed", 0, 3, "its log ends at offset 3")]
    [InlineData("batch", 0, 3, null)]
    [InlineData("merged", 12, 20, "the log has lost the offsets [10, 12)")]
    [InlineData("speed", 12, 20, "the log has lost the offsets [10, 12)")]
    [InlineData("batch", 12, 20, null)]
    [InlineData("merged", 3, 20, null)]
    public void An_answer_that_the_log_should_add_to_is_not_complete_while_a_partition_stands_still(string layer, long logStart, long logEnd, string? expected)
    {
        ViewDefinition view = Sample.ViewOf(Sample.Catalog());
        GenerationInfo generation = new(
            Sample.Stream, 1, GenerationState.Current, 1, Offsets("9"), Sample.Start, Sample.Start, new Dictionary<string, string>());
        ViewSnapshot snapshot = new(
            new StreamStatus(
                Sample.Stream, [new PartitionStatus(0, 10, 1, null, null, null, 0, 0)], generation, new Dictionary<Events.RejectReason, long>()),
            Offsets("0"),
            long.MinValue,
            generation,
            new Dictionary<PartialKind, PartialBatch>(),
            new PartialBatch(view.Layout));
        ViewRequest request = new(
            view, WindowRange.All, new Dictionary<int, object?>(), Enum.Parse<ViewLayer>(layer, ignoreCase: true), RowGrouping.KeyAndWindow, [], 1);
        PartitionAnswer partition = new(0, 10, logStart, logEnd, 1, null, false, 0, 0);
        StreamState state = new(WatermarkTracker.None, null, new FreshnessAnswer(null, null), [partition]);

        CompletenessAnswer answer = Coverage.Judge(
            request, snapshot, [], LogLosses.Problems(Sample.Stream, state, LogLosses.Lost(state.Partitions, [])));

        Assert.Equal(expected is null, answer.Complete);
        Assert.Contains(expected ?? "", answer.Reason ?? "", StringComparison.Ordinal);
    }

    private static Boundary Offsets(string text) => new(text.Split(',').Select(long.Parse));
}
