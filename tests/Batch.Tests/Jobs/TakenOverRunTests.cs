using Hangfire;
using Hangfire.States;
using Hangfire.Storage;
using Lambda.Batch.Jobs;
using Lambda.Batch.Tests.Support;
using Lambda.Jobs;
using Lambda.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Tests.Jobs;

/// <summary>A process was paused for so long that Hangfire has given its job to another one, and goes on.</summary>
[Collection(nameof(BatchHost))]
public class TakenOverRunTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_that_another_worker_has_leaves_its_job_and_what_is_told_of_it_alone()
    {
        await using Platform platform = await Platform.CreateAsync();
        Notes notes = new();
        await using BatchHost host = await BatchHost.StartAsync(platform, more: services => services.AddSingleton<ILogger<RecomputeJob>>(notes));
        IBatchRuns runs = host.Services.GetRequiredService<IBatchRuns>();
        BatchLease held = (await platform.Store.TryAcquireLeaseAsync(Orders.Stream, "somebody else", TimeSpan.FromMinutes(5), Cancellation))!;
        string runId = await runs.StartAsync(Orders.Stream, Cancellation);
        await HangfireTests.WaitUntilAsync(() => runs.Find(runId) is { Step: "waiting for another run" });

        host.Services.GetRequiredService<IBackgroundJobClientV2>().ChangeState(runId, new ElsewhereState(), expectedState: null);
        await notes.TakenOver.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        // Another run of the stream gets its turn, by then the first has ended.
        await platform.Store.ReleaseLeaseAsync(held, Cancellation);
        Assert.Equal("Succeeded", await JobEnds.WaitAsync(await runs.StartAsync(Orders.Stream, Cancellation)));
        using IStorageConnection connection = host.Services.GetRequiredService<JobStorage>().GetConnection();
        StateData state = connection.GetStateData(runId)!;
        Assert.Equal((ElsewhereState.ProcessingName, ElsewhereState.Server), (state.Name, state.Data["ServerId"]));
        Assert.Equal((BatchRunState.Running, null), (runs.Find(runId)!.State, runs.Find(runId)!.EndedAt));
    }

    /// <summary>The state of a job that another server has begun; Hangfire's own can be made by Hangfire only.</summary>
    private sealed class ElsewhereState : IState
    {
        public const string Server = "elsewhere";

        public static string ProcessingName => ProcessingState.StateName;

        public string Name => ProcessingName;

        public string Reason => "";

        public bool IsFinal => false;

        public bool IgnoreJobLoadException => false;

        public Dictionary<string, string> SerializeData() => new() { ["ServerId"] = Server, ["WorkerId"] = "1" };
    }

    private sealed class Notes : ILogger<RecomputeJob>
    {
        private readonly TaskCompletionSource _takenOver = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task TakenOver => _takenOver.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 3058)
            {
                _takenOver.TrySetResult();
            }
        }
    }
}
