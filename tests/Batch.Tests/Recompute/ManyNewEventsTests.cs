using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Audit;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Store;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Batch.Tests.Recompute;

/// <summary>Runs that find more new events than a generation may take.</summary>
public class ManyNewEventsTests
{
    private static readonly DateTimeOffset Now = Parcel.Day.AddHours(12);
    private static readonly BatchOptions TwoAtATime = Platform.Options with { MaxNewEvents = 2 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Freshness_is_asked_of_the_last_generation()
    {
        FakeTimeProvider time = new(Now);
        await using Platform platform = await PublishedAsync(e => e.Freshness(TimeSpan.FromDays(1)), time);
        time.Advance(TimeSpan.FromDays(5));
        AppendDays(platform, 6);

        RunResult result = await platform.RecomputeAsync(RunRequest.OnDemand, TwoAtATime);

        Assert.Equal((RunOutcome.Published, 3, 6L, 1L), (result.Outcome, result.Generations, result.Rows, result.CarriedFrom));
        Assert.StartsWith("6 events were read for 3 generations, one after the other. Generation 4 serves", result.Message, StringComparison.Ordinal);
        Assert.Equal(
            [(4, CheckVerdict.Passed), (3, CheckVerdict.NotApplicable), (2, CheckVerdict.NotApplicable)], await VerdictsAsync(platform, "freshness", 3));
        Assert.Equal(7, (await platform.BatchAsync(platform.Definition.Views[0])).Sum(row => row.EventCount));
    }

    [Fact]
    public async Task A_stream_that_is_not_fresh_in_the_end_is_blocked()
    {
        FakeTimeProvider time = new(Now);
        await using Platform platform = await PublishedAsync(e => e.Freshness(TimeSpan.FromDays(1)), time);
        time.Advance(TimeSpan.FromDays(9));
        AppendDays(platform, 4);

        RunResult result = await platform.RecomputeAsync(RunRequest.OnDemand, TwoAtATime);

        Assert.Equal((RunOutcome.Blocked, 2), (result.Outcome, result.Generations));
        Assert.Equal([(3, CheckVerdict.Failed), (2, CheckVerdict.NotApplicable)], await VerdictsAsync(platform, "freshness", 2));
    }

    [Fact]
    public async Task What_all_new_events_meet_is_published_although_the_first_of_them_do_not()
    {
        await using Platform platform = await PublishedAsync(e => e.Completeness(p => p.Count, 0.5), TimeProvider.System);
        for (int i = 1; i <= 4; i++)
        {
            platform.Append(0, (Parcel.Of(i) with { Count = i <= 2 ? null : i }).ToJson());
        }

        RunResult result = await platform.RecomputeAsync(RunRequest.OnDemand, TwoAtATime);

        Assert.Equal((RunOutcome.Published, 1, 4L, 3L), (result.Outcome, result.Generations, result.Rows, result.Generation));
        Assert.Equal([(3, CheckVerdict.Passed), (2, CheckVerdict.Failed)], await VerdictsAsync(platform, "completeness of count", 2));
    }

    [Fact]
    public async Task What_not_even_all_new_events_meet_is_blocked()
    {
        await using Platform platform = await PublishedAsync(e => e.Completeness(p => p.Count, 0.5), TimeProvider.System);
        for (int i = 1; i <= 5; i++)
        {
            platform.Append(0, (Parcel.Of(i) with { Count = null }).ToJson());
        }

        RunResult result = await platform.RecomputeAsync(RunRequest.OnDemand, TwoAtATime);

        Assert.Equal(RunOutcome.Blocked, result.Outcome);
        Assert.Equal(1, (await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.CurrentGeneration!.Generation);
    }

    /// <summary>A platform whose first generation has one event that meets what is expected.</summary>
    private static async Task<Platform> PublishedAsync(Func<Expectations<Parcel>, Expectation> expected, TimeProvider time)
    {
        Platform platform = await Platform.CreateAsync(Parcel.Catalog(stream => stream.Expect(expected)), time: time);
        platform.Append(0, (Parcel.Usual with { At = Now, Count = 1 }).ToJson());
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        return platform;
    }

    /// <summary>An event a day, from now on.</summary>
    private static void AppendDays(Platform platform, int days)
    {
        for (int day = 0; day < days; day++)
        {
            platform.Append(0, (Parcel.Of(day + 1) with { At = Now.AddDays(day) }).ToJson());
        }
    }

    /// <summary>What the newest audits made of a check, by generation.</summary>
    private static async Task<IReadOnlyList<(int Generation, CheckVerdict Verdict)>> VerdictsAsync(Platform platform, string check, int audits) =>
        [.. (await platform.Store.ReadAuditsAsync(Orders.Stream, audits, Cancellation))
            .Select(audit => ((int)audit.Generation, audit.Checks.Single(result => result.Name == check).Verdict))];
}
