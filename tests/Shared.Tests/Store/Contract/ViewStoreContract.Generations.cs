using Lambda.Events;
using Lambda.Log;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Xunit;

namespace Lambda.Tests.Store.Contract;

public abstract partial class ViewStoreContract
{
    [Fact]
    public async Task A_generation_is_seen_when_it_is_published_and_not_before()
    {
        PartialLayout view = Sample.View();
        await StartAsync(view);
        BatchLease lease = await LeaseAsync();
        long generation = await Store.BeginGenerationAsync(lease, new GenerationPlan(7, new Boundary([0]), [view]), Token);
        await Store.WriteGenerationAsync(lease, generation, PartialKind.Kept, Sample.Batch(view, ("a", 1, 5)), Token);
        await Store.WriteGenerationAsync(lease, generation, PartialKind.Kept, Sample.Batch(view, ("b", 1, 6)), Token);
        await Store.WriteGenerationAsync(lease, generation, PartialKind.Duplicate, Sample.Batch(view, ("a", 1, 2)), Token);
        ViewSnapshot before = await ReadAsync(view, ReadScope.Merged);
        Assert.Null(before.Generation);
        Assert.Null(before.Stream.CurrentGeneration);
        Assert.Empty(before.Batch);
        Assert.Equal(["a|1|0|5|50", "b|1|0|6|60"], await GenerationRowsAsync(view, generation, PartialKind.Kept));

        Time.Advance(TimeSpan.FromSeconds(3));
        await Store.PublishAsync(lease, generation, Sample.Published(generation, Time.GetUtcNow()), Token);
        ViewSnapshot after = await ReadAsync(view, ReadScope.Merged);
        Assert.Equal(["a|1|0|5|50", "b|1|0|6|60"], Sample.Rows(after.Batch[PartialKind.Kept]));
        Assert.Equal([PartialKind.Kept], after.Batch.Keys);
        GenerationInfo info = after.Generation!;
        Assert.Equal((generation, GenerationState.Current, 7L), (info.Generation, info.State, info.HistoryVersion));
        Assert.Equal(new Boundary([0]), info.Boundary);
        Assert.Equal((Time.GetUtcNow().AddSeconds(-3), Time.GetUtcNow()), (info.StartedAt, info.EndedAt));
        Assert.Equal(view.Version, info.ViewVersions[view.View]);
        ViewSnapshot comparison = await ReadAsync(view, ReadScope.Comparison);
        Assert.Equal(["a|1|0|2|20"], Sample.Rows(comparison.Batch[PartialKind.Duplicate]));
        Assert.Equal(0, comparison.Batch[PartialKind.Quarantined].Count);
    }

    [Fact]
    public async Task Merged_reads_take_speed_partials_from_the_boundary_on_and_comparisons_those_below()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await SealAsync(claim, 10, Sample.Batch(view, ("a", 1, 1)));
        await SealAsync(claim with { Epoch = 2 }, 20, Sample.Batch(view, ("a", 1, 2)));
        await Store.CommitAsync(Sample.Commit(claim with { Epoch = 3 }, 30, Sample.Batch(view, ("a", 1, 4))), Token);
        Assert.Equal(["a|1|0|1|10", "a|1|0|2|20", "a|1|0|4|40"], Sample.Rows((await ReadAsync(view, ReadScope.Merged)).Speed));
        Assert.Equal(0, (await ReadAsync(view, ReadScope.Comparison)).Speed.Count);

        await PublishAsync(await LeaseAsync(), new Boundary([10]), Sample.Batch(view, ("a", 1, 1)));
        Assert.Equal(["a|1|0|2|20", "a|1|0|4|40"], Sample.Rows((await ReadAsync(view, ReadScope.Merged)).Speed));
        Assert.Equal(["a|1|0|1|10"], Sample.Rows((await ReadAsync(view, ReadScope.Comparison)).Speed));
        Assert.Equal(["a|1|0|1|10", "a|1|0|2|20", "a|1|0|4|40"], await SpeedRowsAsync(view));
    }

    [Fact]
    public async Task Speed_partials_are_read_from_sealed_epochs_within_two_boundaries()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await SealAsync(claim, 10, Sample.Batch(view, ("a", 1, 1)));
        await SealAsync(claim with { Epoch = 2 }, 20, Sample.Batch(view, ("a", 1, 2)));
        await Store.CommitAsync(Sample.Commit(claim with { Epoch = 3 }, 30, Sample.Batch(view, ("a", 1, 4))), Token);
        Assert.Equal(["a|1|0|1|10"], await SpeedRowsAsync(view, 0, 19));
        Assert.Equal(["a|1|0|1|10", "a|1|0|2|20"], await SpeedRowsAsync(view, 0, 30));
        Assert.Equal(["a|1|0|2|20"], await SpeedRowsAsync(view, 1, 20));
        Assert.Empty(await SpeedRowsAsync(view, 11, 19));
    }

    [Fact]
    public async Task A_boundary_must_lie_at_the_end_of_a_sealed_epoch_and_never_goes_back()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await SealAsync(claim, 10, Sample.Batch(view, ("a", 1, 1)));
        await Store.CommitAsync(Sample.Commit(claim with { Epoch = 2 }, 30, Sample.Batch(view, ("a", 1, 4))), Token);
        BatchLease lease = await LeaseAsync();
        foreach (long offset in (long[])[5, 20, 30])
        {
            await Assert.ThrowsAsync<ViewStoreException>(
                async () => await Store.BeginGenerationAsync(lease, new GenerationPlan(1, new Boundary([offset]), [view]), Token));
        }

        await Assert.ThrowsAsync<ViewStoreException>(
            async () => await Store.BeginGenerationAsync(lease, new GenerationPlan(1, new Boundary([10, 0]), [view]), Token));
        await PublishAsync(lease, new Boundary([10]), Sample.Batch(view, ("a", 1, 1)));
        await Assert.ThrowsAsync<ViewStoreException>(
            async () => await Store.BeginGenerationAsync(lease, new GenerationPlan(1, new Boundary([0]), [view]), Token));
    }

    [Fact]
    public async Task An_epoch_that_begins_below_a_boundary_ahead_of_it_must_be_sealed_there()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await PublishAsync(await LeaseAsync(), new Boundary([10]), Sample.Batch(view, ("a", 1, 1)));
        foreach (SpeedCommit across in new[] { Sample.Commit(claim, 11), Sample.Commit(claim, 10), Sample.Commit(claim, 11) with { EpochEnd = EpochEnd.Seal } })
        {
            await Assert.ThrowsAsync<ViewStoreException>(async () => await Store.CommitAsync(across, Token));
        }

        claim = await Store.ClaimAsync(Sample.Stream, 0, Token);
        Assert.Equal(10, claim.SealAt);
        await Store.CommitAsync(Sample.Commit(claim, 9, Sample.Batch(view, ("a", 1, 1))), Token);
        await SealAsync(claim, 10);
        await Store.CommitAsync(Sample.Commit(claim with { Epoch = 2 }, 20, Sample.Batch(view, ("a", 1, 2))), Token);
        Assert.Equal(["a|1|0|2|20"], Sample.Rows((await ReadAsync(view, ReadScope.Merged)).Speed));
    }

    [Fact]
    public async Task A_new_generation_supersedes_the_current_one_and_beginning_one_removes_what_was_left_unfinished()
    {
        PartialLayout view = Sample.View();
        await StartAsync(view);
        BatchLease lease = await LeaseAsync();
        long first = await PublishAsync(lease, new Boundary([0]), Sample.Batch(view, ("a", 1, 1)));
        long unfinished = await Store.BeginGenerationAsync(lease, new GenerationPlan(8, new Boundary([0]), [view]), Token);
        await Store.WriteGenerationAsync(lease, unfinished, PartialKind.Kept, Sample.Batch(view, ("a", 1, 9)), Token);
        await ReopenAsync();
        lease = await LeaseAsync();
        long second = await PublishAsync(lease, new Boundary([0]), Sample.Batch(view, ("a", 1, 2)));
        Assert.True(first < unfinished && unfinished < second);
        Assert.Equal(
            [(second, GenerationState.Current), (first, GenerationState.Superseded)],
            (await Store.ReadGenerationsAsync(Sample.Stream, 10, Token)).Select(info => (info.Generation, info.State)));
        Assert.Empty(await GenerationRowsAsync(view, unfinished, PartialKind.Kept));
        Assert.Equal(["a|1|0|1|10"], await GenerationRowsAsync(view, first, PartialKind.Kept));
        Assert.Equal(["a|1|0|2|20"], Sample.Rows((await ReadAsync(view, ReadScope.Merged)).Batch[PartialKind.Kept]));
        await Assert.ThrowsAsync<ViewStoreException>(
            async () => await Store.WriteGenerationAsync(lease, second, PartialKind.Kept, Sample.Batch(view, ("a", 1, 1)), Token));
    }

    [Fact]
    public async Task A_rejected_generation_leaves_its_report_and_nothing_else()
    {
        PartialLayout view = Sample.View();
        await StartAsync(view);
        BatchLease lease = await LeaseAsync();
        long good = await PublishAsync(lease, new Boundary([0]), Sample.Batch(view, ("a", 1, 1)));
        long bad = await Store.BeginGenerationAsync(lease, new GenerationPlan(8, new Boundary([0]), [view]), Token);
        await Store.WriteGenerationAsync(lease, bad, PartialKind.Kept, Sample.Batch(view, ("a", 1, 9)), Token);
        Time.Advance(TimeSpan.FromSeconds(1));
        AuditReport report = Sample.Report(bad, AuditOutcome.Blocked, Time.GetUtcNow());
        await Assert.ThrowsAsync<ViewStoreException>(
            async () => await Store.PublishAsync(lease, bad, new Publication(report, [], []), Token));
        await Store.RejectAsync(lease, bad, report, Token);
        Assert.Empty(await GenerationRowsAsync(view, bad, PartialKind.Kept));
        Assert.Equal(good, (await ReadAsync(view, ReadScope.Merged)).Generation!.Generation);
        Assert.Equal(GenerationState.Rejected, (await Store.ReadGenerationsAsync(Sample.Stream, 1, Token))[0].State);
        AuditReport newest = (await Store.ReadAuditsAsync(Sample.Stream, 1, Token))[0];
        Assert.Equal(report with { Checks = [] }, newest with { Checks = [] });
        CheckResult check = Assert.Single(newest.Checks);
        Assert.Equal(report.Checks[0] with { SampleRows = [] }, check with { SampleRows = [] });
        Assert.Equal(report.Checks[0].SampleRows, check.SampleRows);
        Assert.Equal(AuditOutcome.Passed, (await Store.FindAuditAsync(Sample.Stream, good, Token))!.Outcome);
        Assert.Equal(AuditOutcome.Blocked, (await Store.FindAuditAsync(Sample.Stream, bad, Token))!.Outcome);
        Assert.Null(await Store.FindAuditAsync(Sample.Stream, bad + 1, Token));
    }

    [Fact]
    public async Task The_newest_report_is_that_of_the_last_generation_though_the_clock_was_set_back_before_it()
    {
        PartialLayout view = Sample.View();
        await StartAsync(view);
        BatchLease lease = await LeaseAsync();
        long good = await PublishAsync(lease, new Boundary([0]), Sample.Batch(view, ("a", 1, 1)));
        long bad = await Store.BeginGenerationAsync(lease, new GenerationPlan(8, new Boundary([0]), [view]), Token);
        await Store.RejectAsync(lease, bad, Sample.Report(bad, AuditOutcome.Blocked, Time.GetUtcNow().AddYears(-1)), Token);

        IReadOnlyList<AuditReport> reports = await Store.ReadAuditsAsync(Sample.Stream, 10, Token);

        Assert.Equal([(bad, AuditOutcome.Blocked), (good, AuditOutcome.Passed)], reports.Select(report => (report.Generation, report.Outcome)));
    }

    [Fact]
    public async Task A_publication_stores_its_corrections_and_refused_records()
    {
        PartialLayout view = Sample.View("it's \"odd\"; DROP TABLE x--", "00000000000000b2");
        await StartAsync(view, Sample.View());
        BatchLease lease = await LeaseAsync();
        Correction late = new(
            view.View, view.Version, "{\"origin\":\"b\"}", Sample.Hour, 2 * Sample.Hour, null, "{\"n\":2}", new CorrectionReasons(1, 2, 3, 4));
        Correction early = late with { Key = "{\"origin\":\"a\"}", Before = "{}", After = null };
        Correction next = late with { WindowStart = 2 * Sample.Hour, WindowEnd = 3 * Sample.Hour };
        QuarantinedRecord refused = Sample.Refused(3, RejectReason.CheckFailed);
        long first = await PublishWithAsync(lease, view, [next, late, early], [refused]);
        Time.Advance(TimeSpan.FromSeconds(1));
        long second = await PublishWithAsync(lease, view, [late], [refused]);
        DateTimeOffset now = Time.GetUtcNow();
        Assert.Equal(
            [
                new PublishedCorrection(second, now, late),
                new PublishedCorrection(first, now.AddSeconds(-1), early),
                new PublishedCorrection(first, now.AddSeconds(-1), late),
                new PublishedCorrection(first, now.AddSeconds(-1), next),
            ],
            await Store.ReadCorrectionsAsync(view, WindowRange.All, 10, Token));
        Assert.Equal(2, (await Store.ReadCorrectionsAsync(view, WindowRange.All, 2, Token)).Count);
        Assert.Equal(
            [next],
            (await Store.ReadCorrectionsAsync(view, new WindowRange(2 * Sample.Hour, 3 * Sample.Hour), 10, Token)).Select(c => c.Correction));
        Assert.Empty(await Store.ReadCorrectionsAsync(Sample.View(), WindowRange.All, 10, Token));
        Assert.Equal(1, (await Store.ReadStreamAsync(Sample.Stream, Token))!.QuarantineCounts[RejectReason.CheckFailed]);
    }

    [Fact]
    public async Task Refused_records_are_forgotten_by_position_whichever_layer_refused_them()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        BatchLease lease = await LeaseAsync();
        await PublishWithAsync(lease, view, [], [Sample.Refused(3, RejectReason.CheckFailed), Sample.Refused(5, RejectReason.CheckFailed)]);
        await Store.CommitAsync(
            Sample.Commit(claim, 10) with { Quarantine = [Sample.Refused(3, RejectReason.ExpressionFailed), Sample.Refused(4, RejectReason.Malformed)] }, Token);

        Assert.Equal(
            3,
            await Store.ForgetQuarantinedAsync(lease, [new LogPosition(0, 3), new LogPosition(0, 4), new LogPosition(0, 9), new LogPosition(1, 5)], Token));
        Assert.Equal(
            [(5L, RejectReason.CheckFailed)],
            (await Store.ReadQuarantineAsync(Sample.Stream, QuarantineFilter.Any, 10, Token)).Records.Select(record => (record.Offset, record.Reason)));
        KeyValuePair<RejectReason, long> left = Assert.Single((await Store.ReadStreamAsync(Sample.Stream, Token))!.QuarantineCounts);
        Assert.Equal((RejectReason.CheckFailed, 1), (left.Key, left.Value));

        Time.Advance(TimeSpan.FromHours(1));
        Assert.NotNull(await Store.TryAcquireLeaseAsync(Sample.Stream, "another", TimeSpan.FromMinutes(1), Token));
        await Assert.ThrowsAsync<FencedException>(async () => await Store.ForgetQuarantinedAsync(lease, [new LogPosition(0, 5)], Token));
    }

    [Fact]
    public async Task A_record_that_both_layers_refuse_for_one_reason_is_kept_once_and_for_two_reasons_twice()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await PublishWithAsync(await LeaseAsync(), view, [], [Sample.Refused(3, RejectReason.ExpressionFailed), Sample.Refused(4, RejectReason.CheckFailed)]);
        SpeedCommit commit = Sample.Commit(claim, 10) with
        {
            Quarantine = [Sample.Refused(3, RejectReason.ExpressionFailed), Sample.Refused(4, RejectReason.ExpressionFailed)],
        };
        await Store.CommitAsync(commit, Token);
        QuarantinePage page = await Store.ReadQuarantineAsync(Sample.Stream, QuarantineFilter.Any, 10, Token);
        Assert.Equal(
            [(3L, RejectReason.ExpressionFailed), (4L, RejectReason.CheckFailed), (4L, RejectReason.ExpressionFailed)],
            page.Records.Select(record => (record.Offset, record.Reason)).OrderBy(record => record.Offset).ThenBy(record => record.Reason.ToString()));
    }

    [Fact]
    public async Task Refused_records_may_be_kept_before_a_generation_goes_live_and_are_not_kept_twice()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await Store.CommitAsync(Sample.Commit(claim, 10) with { Quarantine = [Sample.Refused(3, RejectReason.ExpressionFailed)] }, Token);
        BatchLease lease = await LeaseAsync();
        QuarantinedRecord[] refused = [Sample.Refused(3, RejectReason.ExpressionFailed), Sample.Refused(4, RejectReason.CheckFailed)];
        await Store.QuarantineAsync(lease, refused, Token);
        await Store.QuarantineAsync(lease, refused, Token);
        await PublishWithAsync(lease, view, [], refused);
        Assert.Equal([3L, 4L], (await Store.ReadQuarantineAsync(Sample.Stream, QuarantineFilter.Any, 10, Token)).Records.Select(record => record.Offset).Order());

        Time.Advance(TimeSpan.FromMinutes(2));
        await LeaseAsync("b");
        await Assert.ThrowsAsync<FencedException>(async () => await Store.QuarantineAsync(lease, [Sample.Refused(5, RejectReason.CheckFailed)], Token));
        Assert.Equal(2, (await Store.ReadQuarantineAsync(Sample.Stream, QuarantineFilter.Any, 10, Token)).Total);
    }

    private async Task<long> PublishWithAsync(
        BatchLease lease, PartialLayout view, IReadOnlyList<Correction> corrections, IReadOnlyList<QuarantinedRecord> refused)
    {
        long generation = await Store.BeginGenerationAsync(lease, new GenerationPlan(1, new Boundary([0]), [view]), Token);
        AuditReport report = Sample.Report(generation, AuditOutcome.Warned, Time.GetUtcNow());
        await Store.PublishAsync(lease, generation, new Publication(report, corrections, refused), Token);
        return generation;
    }

    private async Task<IReadOnlyList<string>> SpeedRowsAsync(PartialLayout view, long from, long to)
    {
        var all = new PartialBatch(view);
        await foreach (PartialBatch batch in Store.ReadSpeedAsync(view, new Boundary([from]), new Boundary([to]), WindowRange.All, KeyPiece.All, Token))
        {
            for (int row = 0; row < batch.Count; row++)
            {
                all.AddFrom(batch, row);
            }
        }

        return Sample.Rows(all);
    }
}
