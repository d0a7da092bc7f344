using System.Collections.Frozen;
using System.Data.Common;
using System.Globalization;
using Hangfire;
using Hangfire.InMemory;
using Hangfire.Storage;
using Lambda.Batch.Telemetry;
using Lambda.Definition;
using Lambda.Views;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Jobs;

/// <summary>Registers the recurring jobs of all streams when the host starts, and removes those of streams that are no longer declared.</summary>
internal sealed class BatchSchedules(
    IRecurringJobManagerV2 jobs, JobStorage storage, Catalog catalog, BatchOptions options, ILogger<BatchSchedules> logger) : IHostedService
{
    /// <summary>What this registers: all take the name of their stream first.</summary>
    private static readonly FrozenSet<Type> Kinds =
        [typeof(RecomputeJob), typeof(ArchiveJob), typeof(ExpireJob), typeof(CompactJob), typeof(VacuumJob)];

    /// <summary>
    /// After a time at which jobs were missed, one run makes up for all of them: a run takes in everything that came since the last.
    /// </summary>
    private static readonly RecurringJobOptions WhenMissed = new() { TimeZone = TimeZoneInfo.Utc, MisfireHandling = MisfireHandlingMode.Relaxed };

    /// <summary>Minute, hour, day of the month, month and day of the week.</summary>
    private const int CronFields = 5;

    /// <summary>The name of a stream's schedule for recomputing it.</summary>
    public static string RecomputeOf(string stream) => $"recompute {stream}";

    /// <summary>Whether a schedule is one of those that this registers, be it for a stream of this program or of another.</summary>
    public static bool IsOurs(RecurringJobDto schedule) => schedule.Job is { } job && Kinds.Contains(job.Type);

    /// <summary>Tries the schedules of all streams without registering them.</summary>
    /// <exception cref="ArgumentException">One is no cron expression.</exception>
    public static void Check(Catalog catalog, BatchOptions options)
    {
        using InMemoryStorage trial = new();
        Register(new RecurringJobManager(trial), catalog, options);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Other processes may share the storage. One that is not to start because one schedule is wrong must not have changed theirs by the right ones.
        Check(catalog, options);
        Register(jobs, catalog, options);
        Reach(RemoveUndeclared);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static void Register(IRecurringJobManagerV2 manager, Catalog catalog, BatchOptions options)
    {
        foreach (StreamDefinition definition in catalog.Streams)
        {
            string stream = definition.Name;
            (string source, string schedule) = definition.RecomputeSchedule is { } own
                ? ($"RecomputeEvery of stream '{stream}'", own)
                : (nameof(BatchOptions.RecomputeSchedule), options.RecomputeSchedule);
            Register(source, schedule, cron => manager.AddOrUpdate<RecomputeJob>(
                RecomputeOf(stream), job => job.RunAsync(stream, RunTrigger.Schedule, null!, CancellationToken.None), cron, WhenMissed));
            Register(nameof(BatchOptions.ArchiveSchedule), options.ArchiveSchedule, cron => manager.AddOrUpdate<ArchiveJob>(
                $"archive {stream}", job => job.RunAsync(stream, CancellationToken.None), cron, WhenMissed));
            Register(nameof(BatchOptions.ExpireSchedule), options.ExpireSchedule, cron => manager.AddOrUpdate<ExpireJob>(
                $"expire {stream}", job => job.RunAsync(stream, CancellationToken.None), cron, WhenMissed));
            Register(nameof(BatchOptions.CompactSchedule), options.CompactSchedule, cron => manager.AddOrUpdate<CompactJob>(
                $"compact {stream}", job => job.RunAsync(stream, CancellationToken.None), cron, WhenMissed));
            Register(nameof(BatchOptions.VacuumSchedule), options.VacuumSchedule, cron => manager.AddOrUpdate<VacuumJob>(
                $"vacuum {stream}", job => job.RunAsync(stream, CancellationToken.None), cron, WhenMissed));
        }
    }

    private static void Register(string source, string cron, Action<string> register)
    {
        // Hangfire takes a sixth field in front for seconds: whoever writes one by mistake would have runs by the second.
        if (cron.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is { Length: not CronFields } fields && !cron.TrimStart().StartsWith('@'))
        {
            throw new ArgumentException(Wrong(source, cron, $"The number of its fields is {fields.Length.ToString(CultureInfo.InvariantCulture)}."));
        }

        try
        {
            Reach(() => register(cron));
        }
        catch (ArgumentException error)
        {
            // Hangfire's own message only says to look at the one inside.
            throw new ArgumentException(Wrong(source, cron, (error.InnerException ?? error).Message), error);
        }
    }

    private static void Reach(Action useStorage)
    {
        try
        {
            useStorage();
        }
        catch (Exception error) when (error is DbException or DistributedLockTimeoutException)
        {
            throw new BatchException(
                $"The schedules of the batch layer could not be noted in the job storage: {error.Message.TrimEnd()} "
                + "See to it that the database can be used, and start again.",
                error);
        }
    }

    /// <summary>
    /// A storage outlives programs: schedules of a stream that was renamed or removed would fail at each of their times, for ever. While old and new
    /// programs run side by side, the one that starts last decides, which is the new one in the end.
    /// </summary>
    private void RemoveUndeclared()
    {
        using IStorageConnection connection = storage.GetConnection();
        foreach (RecurringJobDto schedule in connection.GetRecurringJobs())
        {
            if (IsOurs(schedule) && schedule.Job.Args[0] is string stream && catalog.FindStream(stream) is null)
            {
                jobs.RemoveIfExists(schedule.Id);
                BatchLog.ScheduleRemoved(logger, schedule.Id, stream);
            }
        }
    }

    private static string Wrong(string source, string cron, string reason) =>
        $"{source} '{cron}' is not a cron expression: {reason} Give one of five fields, such as \"*/5 * * * *\".";
}
