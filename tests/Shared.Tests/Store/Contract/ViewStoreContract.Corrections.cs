using Lambda.Store;
using Lambda.Views;
using Xunit;

namespace Lambda.Tests.Store.Contract;

public abstract partial class ViewStoreContract
{
    [Fact]
    public async Task Corrections_that_are_written_before_a_publication_are_seen_with_it()
    {
        PartialLayout view = Sample.View();
        await StartAsync(view);
        BatchLease lease = await LeaseAsync();
        long generation = await Store.BeginGenerationAsync(lease, new GenerationPlan(1, new Boundary([0]), [view]), Token);
        await Store.WriteCorrectionsAsync(lease, generation, [CorrectionAt(view, 3), CorrectionAt(view, 1)], Token);
        await Store.WriteCorrectionsAsync(lease, generation, [CorrectionAt(view, 2)], Token);
        Assert.Empty(await CorrectionsAsync(view));

        AuditReport report = Sample.Report(generation, AuditOutcome.Passed, Time.GetUtcNow());
        await Store.PublishAsync(lease, generation, new Publication(report, [CorrectionAt(view, 4)], []), Token);

        Assert.Equal([(generation, 1), (generation, 2), (generation, 3), (generation, 4)], await CorrectionsAsync(view));
    }

    [Theory]
    [InlineData("rejected")]
    [InlineData("discarded")]
    [InlineData("left")]
    public async Task Corrections_of_a_generation_that_is_given_up_go_with_it_and_those_of_others_stay(string fate)
    {
        PartialLayout view = Sample.View();
        PartialLayout other = Sample.View("other", "00000000000000b3");
        await StartAsync(view, other);
        BatchLease lease = await LeaseAsync();
        long first = await PublishWithAsync(lease, view, [CorrectionAt(view, 1)], []);
        long lost = await Store.BeginGenerationAsync(lease, new GenerationPlan(1, new Boundary([0]), [view, other]), Token);
        await Store.WriteCorrectionsAsync(lease, lost, [CorrectionAt(view, 2), CorrectionAt(other, 2)], Token);
        switch (fate)
        {
            case "rejected":
                await Store.RejectAsync(lease, lost, Sample.Report(lost, AuditOutcome.Blocked, Time.GetUtcNow()), Token);
                break;
            case "discarded":
                await Store.DiscardAsync(lease, lost, Token);
                break;
        }

        long next = await PublishWithAsync(lease, view, [CorrectionAt(view, 3)], []);

        Assert.Equal([(next, 3), (first, 1)], await CorrectionsAsync(view));
        Assert.Empty(await CorrectionsAsync(other));
    }

    [Fact]
    public async Task Corrections_are_written_only_under_the_lease_and_only_to_a_generation_that_is_being_written()
    {
        PartialLayout view = Sample.View();
        await StartAsync(view);
        BatchLease lease = await LeaseAsync();
        long published = await PublishWithAsync(lease, view, [], []);
        await Assert.ThrowsAsync<ViewStoreException>(async () => await Store.WriteCorrectionsAsync(lease, published, [CorrectionAt(view, 1)], Token));
        long generation = await Store.BeginGenerationAsync(lease, new GenerationPlan(1, new Boundary([0]), [view]), Token);
        Time.Advance(TimeSpan.FromMinutes(2));
        await LeaseAsync("b");

        await Assert.ThrowsAsync<FencedException>(async () => await Store.WriteCorrectionsAsync(lease, generation, [CorrectionAt(view, 1)], Token));

        Assert.Empty(await CorrectionsAsync(view));
    }

    private static Correction CorrectionAt(PartialLayout view, int hour) => new(
        view.View, view.Version, "{}", hour * Sample.Hour, (hour + 1) * Sample.Hour, "{\"n\":1}", "{\"n\":2}", new CorrectionReasons(1, 0, 0, 0));

    private async Task<IEnumerable<(long Generation, int Hour)>> CorrectionsAsync(PartialLayout view) =>
        (await Store.ReadCorrectionsAsync(view, WindowRange.All, 10, Token)).Select(read => (read.Generation, (int)(read.Correction.WindowStart / Sample.Hour)));
}
