using Hangfire;
using Hangfire.States;
using Hangfire.Storage;
using Lambda.Batch.Recompute.Parts;

namespace Lambda.Batch.Jobs;

/// <summary>Hands parts out as Hangfire jobs.</summary>
internal sealed class HangfirePartQueue(IBackgroundJobClientV2 jobs, JobStorage storage) : IPartQueue
{
    public string Enqueue(string stream, Guid run, int part) => jobs.Enqueue<PartJob>(job => job.RunAsync(stream, run, part, CancellationToken.None));

    public void EnqueueAgain(string job)
    {
        if (Find(job) is not PartJobState.Waiting)
        {
            jobs.ChangeState(job, new EnqueuedState(PartJob.Queue) { Reason = "Its worker failed, is gone or is stuck." }, expectedState: null);
        }
    }

    public void Withdraw(string job)
    {
        if (StateOf(job)?.Name is { } state && state != SucceededState.StateName && state != DeletedState.StateName)
        {
            jobs.ChangeState(job, new DeletedState { Reason = "The run does not need it any more." }, expectedState: null);
        }
    }

    public PartJobState Find(string job)
    {
        StateData? state = StateOf(job);
        string? name = state?.Name;
        if (name == ProcessingState.StateName)
        {
            return new PartJobState.Working(state!.Data.TryGetValue("ServerId", out string? server) ? server : "");
        }

        return name == EnqueuedState.StateName || name == ScheduledState.StateName || name == AwaitingState.StateName
            ? new PartJobState.Waiting()
            : new PartJobState.Ended();
    }

    public IReadOnlyDictionary<string, DateTime> SignsOfLife() => storage.GetMonitoringApi().Servers()
        .Where(server => server.Queues.Contains(PartJob.Queue))
        .ToDictionary(server => server.Name, server => server.Heartbeat ?? server.StartedAt, StringComparer.Ordinal);

    private StateData? StateOf(string job)
    {
        using IStorageConnection connection = storage.GetConnection();
        return connection.GetStateData(job);
    }
}
