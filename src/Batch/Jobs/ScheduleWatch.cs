using Hangfire;
using Hangfire.Storage;
using Lambda.Batch.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Jobs;

/// <summary>
/// Takes schedules back from a future that did not come. A schedule's next time is reckoned from its last one and kept in the job storage; when a clock was
/// ahead and was put right, nothing would run until that time had come after all, be it in a month, and in PostgreSQL also after every restart.
/// </summary>
internal sealed class ScheduleWatch(IRecurringJobManagerV2 jobs, JobStorage storage, TimeProvider time, ILogger<ScheduleWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>How far the clocks of machines that share a storage may be apart before it counts.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    /// <summary>Runs what was last run in the future at once, and from now on by its schedule again.</summary>
    public void TakeBack()
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        using IStorageConnection connection = storage.GetConnection();
        foreach (RecurringJobDto schedule in connection.GetRecurringJobs())
        {
            if ((schedule.LastExecution ?? schedule.CreatedAt) is { } last && last > now + Tolerance && BatchSchedules.IsOurs(schedule))
            {
                jobs.TriggerJob(schedule.Id);
                BatchLog.ScheduleTakenBack(logger, schedule.Id, last, now);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, time);
        do
        {
            try
            {
                TakeBack();
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                // Each job storage has exceptions of its own for a database that is away; the job server has the same one, and a minute later it may be back.
                BatchLog.SchedulesNotSeen(logger, error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }
}
