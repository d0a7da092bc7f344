using Lambda.Batch.Audit;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Store;

namespace Lambda.Batch.Tests.Audit;

public sealed class AuditorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_check_does_not_wait_for_what_it_does_not_ask_for()
    {
        await using Platform platform = await Platform.CreateAsync();
        platform.Append(0, new Order("one", Orders.Day, "ams", 20, 1, null));
        using ManualResetEventSlim checks = new();
        FreeCheck check = new((subject, _) =>
        {
            bool isBefore = !subject.Changes.IsCompleted;
            checks.Set();
            return Task.FromResult(isBefore);
        });

        RunResult result = await platform.Run(checks: check)
            .RunAsync(platform.Stream(), RunRequest.OnDemand, new HeldBeforeComparing(checks), Cancellation);

        Assert.Equal(RunOutcome.Published, result.Outcome);
        Assert.True(check.Returned);
    }

    [Fact]
    public async Task When_a_check_cannot_be_made_the_others_end_and_so_does_the_writing()
    {
        await using Platform platform = await Platform.CreateAsync();
        platform.Append(0, new Order("one", Orders.Day, "ams", 20, 1, null));
        AuditSubject? audited = null;
        FreeCheck broken = new((subject, _) =>
        {
            audited = subject;
            throw new InvalidOperationException("It cannot be made.");
        });
        FreeCheck endless = new(async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return true;
        });

        InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => platform.RecomputeAsync(platform.Run(checks: [endless, broken])).WaitAsync(Patience, Cancellation));

        Assert.Equal("It cannot be made.", error.Message);
        Assert.True(audited!.Changes.IsCompletedSuccessfully);
        Assert.Null((await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.CurrentGeneration);
    }

    /// <summary>A check that a test brings along, and what came of it.</summary>
    private sealed class FreeCheck(Func<AuditSubject, CancellationToken, Task<bool>> run) : IAuditCheck
    {
        public bool Returned { get; private set; }

        public async Task<IReadOnlyList<CheckResult>> RunAsync(AuditSubject subject, CancellationToken cancellationToken)
        {
            Returned = await run(subject, cancellationToken);
            return [];
        }
    }

    /// <summary>Holds a run that is about to compare what it has written, until a check was made.</summary>
    private sealed class HeldBeforeComparing(ManualResetEventSlim check) : IProgress<RunProgress>
    {
        public void Report(RunProgress value)
        {
            if (value == RunProgress.Auditing)
            {
                check.Wait(Patience, Cancellation);
            }
        }
    }
}
