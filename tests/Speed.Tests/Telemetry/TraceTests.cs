using System.Collections.Concurrent;
using System.Diagnostics;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Xunit;

namespace Lambda.Speed.Tests.Telemetry;

/// <summary>The spans of a commit cycle.</summary>
public class TraceTests(Platform platform)
{
    [Fact]
    public async Task Each_commit_has_a_root_span_over_its_polls_decodes_applies_and_the_commit()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform, SpeedOptions.Default with { MaxEventsPerCommit = 20 });
        using Spans spans = new(rig.Stream.Name);
        rig.Log.ReadLimit = () => 10;
        await rig.AppendAsync(40);
        rig.Start();
        await rig.CommittedAsync(40);
        await rig.StopAsync();

        Assert.Equal(2, spans.Roots.Count);
        foreach (Activity root in spans.Roots)
        {
            Assert.Equal((ActivityKind.Consumer, $"process {rig.Stream.Name}", null), (root.Kind, root.DisplayName, root.ParentId));
            Assert.Equal(rig.Stream.Name, root.GetTagItem("messaging.destination.name"));
            Assert.Equal("0", root.GetTagItem("messaging.destination.partition.id"));
            Assert.Equal(20L, root.GetTagItem("messaging.batch.message_count"));
            IReadOnlyList<Activity> children = spans.ChildrenOf(root);
            Assert.Equal(["apply", "apply", "commit", "decode", "decode", "poll", "poll"], children.Select(child => child.OperationName).Order());
            Assert.All(children.Where(child => child.OperationName == "poll"), poll => Assert.Equal(10, poll.GetTagItem("messaging.batch.message_count")));
            Assert.All(children, child => Assert.Equal(ActivityStatusCode.Unset, child.Status));
        }

        Assert.Equal([20L, 40L], spans.Roots.Select(root => root.GetTagItem("lambda.next_offset")).Order());
    }

    [Fact]
    public async Task A_commit_that_fails_ends_its_spans_as_errors_and_is_the_parent_of_what_the_store_does()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform, SpeedOptions.Default with { MaxEventsPerCommit = 5 });
        using Spans spans = new(rig.Stream.Name);
        string? around = null;
        rig.Store.Before = what =>
        {
            around = Activity.Current?.OperationName;
            return what == ObservedStore.Committed ? throw new ViewStoreException("No room.") : Task.CompletedTask;
        };
        await rig.AppendAsync(5);
        rig.Start();
        await rig.RestAsync();
        rig.Time.Advance(rig.Options.SealPollInterval);
        await Assert.ThrowsAsync<ViewStoreException>(() => rig.Running.InTime());

        Activity root = Assert.Single(spans.Roots);
        Activity commit = Assert.Single(spans.ChildrenOf(root), child => child.OperationName == "commit");
        Assert.All((Activity[])[root, commit], span => Assert.Equal((ActivityStatusCode.Error, "No room."), (span.Status, span.StatusDescription)));
        Assert.Equal("commit", around);
    }

    /// <summary>The spans of one stream that have ended. Spans of other tests are heard too, and left out.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly ConcurrentQueue<Activity> _ended = [];
        private readonly ActivityListener _listener;
        private readonly string _stream;

        public Spans(string stream)
        {
            _stream = stream;
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Lambda.Speed",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = _ended.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public IReadOnlyList<Activity> Roots => [.. _ended.Where(span => _stream.Equals(span.GetTagItem("messaging.destination.name")))];

        public IReadOnlyList<Activity> ChildrenOf(Activity root) => [.. _ended.Where(span => span.ParentSpanId == root.SpanId)];

        public void Dispose() => _listener.Dispose();
    }
}
