using System.Data.Common;
using System.Globalization;
using Hangfire;
using Hangfire.Storage;
using Lambda.Definition;
using Lambda.Views;
using Microsoft.Extensions.Hosting;

namespace Lambda.Batch.Jobs;

/// <summary>Registers the recurring jobs of all streams when the host starts.</summary>
internal sealed class BatchSchedules(IRecurringJobManagerV2 jobs, Catalog catalog, BatchOptions options) : IHostedService
{
    /// <summary>
    /// After a time at which jobs were missed, one run makes up for all of them: a run takes in everything that came since the last.
    /// </summary>
    private static readonly RecurringJobOptions WhenMissed = new() { TimeZone = TimeZoneInfo.Utc, MisfireHandling = MisfireHandlingMode.Relaxed };

    /// <summary>Minute, hour, day of the month, month and day of the week.</summary>
    private const int CronFields = 5;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (StreamDefinition definition in catalog.Streams)
        {
            string stream = definition.Name;
            (string source, string schedule) = definition.RecomputeSchedule is { } own
                ? ($"RecomputeEvery of stream '{stream}'", own)
                : (nameof(BatchOptions.RecomputeSchedule), options.RecomputeSchedule);
            Register(source, schedule, cron => jobs.AddOrUpdate<RecomputeJob>(
                $"recompute {stream}", job => job.RunAsync(stream, RunTrigger.Schedule, null!, CancellationToken.None), cron, WhenMissed));
            Register(nameof(BatchOptions.ArchiveSchedule), options.ArchiveSchedule, cron => jobs.AddOrUpdate<ArchiveJob>(
                $"archive {stream}", job => job.RunAsync(stream, CancellationToken.None), cron, WhenMissed));
            Register(nameof(BatchOptions.ExpireSchedule), options.ExpireSchedule, cron => jobs.AddOrUpdate<ExpireJob>(
                $"expire {stream}", job => job.RunAsync(stream, CancellationToken.None), cron, WhenMissed));
            Register(nameof(BatchOptions.CompactSchedule), options.CompactSchedule, cron => jobs.AddOrUpdate<CompactJob>(
                $"compact {stream}", job => job.RunAsync(stream, CancellationToken.None), cron, WhenMissed));
            Register(nameof(BatchOptions.VacuumSchedule), options.VacuumSchedule, cron => jobs.AddOrUpdate<VacuumJob>(
                $"vacuum {stream}", job => job.RunAsync(stream, CancellationToken.None), cron, WhenMissed));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static void Register(string source, string cron, Action<string> register)
    {
        // Hangfire takes a sixth field in front for seconds: whoever writes one by mistake would have runs by the second.
        if (cron.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is { Length: not CronFields } fields && !cron.TrimStart().StartsWith('@'))
        {
            throw new ArgumentException(Wrong(source, cron, $"The number of its fields is {fields.Length.ToString(CultureInfo.InvariantCulture)}."));
        }

        try
        {
            register(cron);
        }
        catch (ArgumentException error)
        {
            // Hangfire's own message only says to look at the one inside.
            throw new ArgumentException(Wrong(source, cron, (error.InnerException ?? error).Message), error);
        }
        catch (Exception error) when (error is DbException or DistributedLockTimeoutException)
        {
            throw new BatchException(
                $"The schedules of the batch layer could not be noted in the job storage: {error.Message.TrimEnd()} "
                + "See to it that the database can be used, and start again.",
                error);
        }
    }

    private static string Wrong(string source, string cron, string reason) =>
        $"{source} '{cron}' is not a cron expression: {reason} Give one of five fields, such as \"*/5 * * * *\".";
}
