using Hangfire.Server;
using Hangfire.States;
using Hangfire.Storage;

namespace Lambda.Batch.Jobs;

/// <summary>
/// Who works on a job. A worker that is paused for longer than its signs of life may be missed loses the job to another one, and learns of it late or, when it has come to its
/// end, never: what Hangfire does with the end of a job asks only for its state, which is the same again.
/// </summary>
internal sealed class JobTenure
{
    private static readonly string[] Worker = ["ServerId", "WorkerId"];

    private readonly IStorageConnection _connection;
    private readonly string _job;
    private readonly string?[] _own;

    private JobTenure(IStorageConnection connection, string job, string?[] own)
    {
        _connection = connection;
        _job = job;
        _own = own;
    }

    /// <summary>The tenure of whoever calls it as the first thing of its job. What it throws is of the storage of the jobs.</summary>
    public static JobTenure Begin(PerformContext context) =>
        new(context.Connection, context.BackgroundJob.Id, WorkerOf(context.Connection.GetStateData(context.BackgroundJob.Id)));

    /// <summary>Where the job stands for the worker that began it. What it throws is of the storage of the jobs.</summary>
    public JobStanding Look()
    {
        StateData? state = _connection.GetStateData(_job);
        return state?.Name == DeletedState.StateName ? JobStanding.Cancelled
            : state?.Name == ProcessingState.StateName && WorkerOf(state).AsSpan().SequenceEqual(_own) ? JobStanding.Held
            : JobStanding.TakenOver;
    }

    private static string?[] WorkerOf(StateData? state) =>
        [.. Worker.Select(field => state?.Data is { } data && data.TryGetValue(field, out string? value) ? value : null)];
}
