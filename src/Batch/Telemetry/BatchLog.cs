using Lambda.Batch.Recompute;
using Lambda.Store;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Telemetry;

/// <summary>What the batch layer logs. Event ids 3000 to 3999 are its own and never change their meaning.</summary>
internal static partial class BatchLog
{
    [LoggerMessage(3001, LogLevel.Information, "Stream '{Stream}': run ended as {Outcome}. {Message}")]
    public static partial void Ended(ILogger logger, string stream, RunOutcome outcome, string message);

    [LoggerMessage(3002, LogLevel.Warning,
        "Stream '{Stream}': the speed layer has not sealed its epochs up to {LogEnd} within {Timeout}; the generation reaches as far as it has")]
    public static partial void NotSealed(ILogger logger, string stream, Boundary logEnd, TimeSpan timeout);

    [LoggerMessage(3003, LogLevel.Information, "Stream '{Stream}', view '{View}': no corrections are listed: {Reason}")]
    public static partial void NoCorrections(ILogger logger, string stream, string view, string reason);

    [LoggerMessage(3004, LogLevel.Error, "Stream '{Stream}': run {RunId} failed; what was published before serves on")]
    public static partial void Failed(ILogger logger, Exception error, string stream, string runId);

    [LoggerMessage(3005, LogLevel.Error, "Stream '{Stream}': the {Job} job failed; it is tried again at its next time")]
    public static partial void JobFailed(ILogger logger, Exception error, string stream, string job);

    [LoggerMessage(3006, LogLevel.Warning, "Stream '{Stream}': run {RunId} was blocked; what was published before serves on. {Message}")]
    public static partial void Blocked(ILogger logger, string stream, string runId, string message);

    [LoggerMessage(3007, LogLevel.Error, "Stream '{Stream}': run {RunId} failed; what was published before serves on. {Message}")]
    public static partial void FailedAsExpected(ILogger logger, string stream, string runId, string message);

    [LoggerMessage(3031, LogLevel.Information, "Stream '{Stream}': {Removed} small files of its {Table} were put together into {Added}")]
    public static partial void Compacted(ILogger logger, string stream, string table, int removed, int added);

    [LoggerMessage(3032, LogLevel.Warning, "Stream '{Stream}': a file of its {Table} stays as it is. {File}")]
    public static partial void NotCompacted(ILogger logger, string stream, string table, string file);

    [LoggerMessage(3033, LogLevel.Information, "Stream '{Stream}': {Files} files of its {Table} with {Bytes} bytes were deleted, and {LogFiles} of its log")]
    public static partial void Vacuumed(ILogger logger, string stream, string table, int files, long bytes, int logFiles);

    [LoggerMessage(3034, LogLevel.Warning, "Stream '{Stream}': somebody had {Events} events of {Dates} dates deleted from its history, in {Files} files")]
    public static partial void Deleted(ILogger logger, string stream, int events, int dates, int files);

    [LoggerMessage(3041, LogLevel.Information, "Stream '{Stream}': part {Part} of run {Run} was computed here, {Events} events of {Dates} dates")]
    public static partial void PartComputed(ILogger logger, string stream, int part, Guid run, long events, int dates);

    [LoggerMessage(3042, LogLevel.Information, "Stream '{Stream}': run {Run} is computed in {Parts} parts by all batch processes")]
    public static partial void PartsHandedOut(ILogger logger, string stream, Guid run, int parts);

    [LoggerMessage(3043, LogLevel.Information, "Stream '{Stream}': the {Parts} parts of run {Run} are put together. {Workers}")]
    public static partial void PartsGathered(ILogger logger, string stream, int parts, Guid run, string workers);

    [LoggerMessage(3044, LogLevel.Warning, "Stream '{Stream}': this process does not compute part {Part} of run {Run}: {Reason}")]
    public static partial void PartRefused(ILogger logger, string stream, int part, Guid run, string reason);

    [LoggerMessage(3045, LogLevel.Warning,
        "Stream '{Stream}': part {Part} of run {Run} is unknown here. The run has ended, or it has its parts elsewhere than in '{Folder}': then give all batch "
        + "processes the same History")]
    public static partial void PartUnknown(ILogger logger, string stream, int part, Guid run, string folder);

    [LoggerMessage(3046, LogLevel.Warning, "Stream '{Stream}': part {Part} of run {Run} failed here; it is computed elsewhere")]
    public static partial void PartFailed(ILogger logger, Exception error, string stream, int part, Guid run);

    [LoggerMessage(3047, LogLevel.Warning, "Stream '{Stream}': part {Part} of run {Run} is computed by the run itself, as {Reason}")]
    public static partial void PartTakenBack(ILogger logger, string stream, int part, Guid run, string reason);

    [LoggerMessage(3048, LogLevel.Warning, "Stream '{Stream}': part {Part} of run {Run} is handed out again, as its worker failed, is gone or is stuck")]
    public static partial void PartHandedOutAgain(ILogger logger, string stream, int part, Guid run);

    [LoggerMessage(3049, LogLevel.Warning, "Stream '{Stream}': where the parts of run {Run} stand cannot be asked or told; the run goes on")]
    public static partial void PartsUnanswered(ILogger logger, Exception error, string stream, Guid run);

    [LoggerMessage(3050, LogLevel.Warning, "Stream '{Stream}': '{Folder}' could not be removed; the next run or vacuum does it")]
    public static partial void PartsNotRemoved(ILogger logger, Exception error, string stream, string folder);

    [LoggerMessage(3051, LogLevel.Warning, "Run {RunId}: where it stands could not be noted in the job storage; the run goes on")]
    public static partial void RunNotNoted(ILogger logger, Exception error, string runId);

    [LoggerMessage(3052, LogLevel.Information, "Stream '{Stream}': generation {Generation}, whose run failed, could not be removed; the next run does it")]
    public static partial void NotDiscarded(ILogger logger, Exception error, string stream, long generation);

    [LoggerMessage(3008, LogLevel.Warning, "Stream '{Stream}': generation {Generation} serves again, as somebody has rolled back to it")]
    public static partial void RolledBack(ILogger logger, string stream, long generation);

    [LoggerMessage(3053, LogLevel.Warning, "The schedule '{Schedule}' was removed, as there is no stream '{Stream}' in this program any more")]
    public static partial void ScheduleRemoved(ILogger logger, string schedule, string stream);

    [LoggerMessage(3054, LogLevel.Warning,
        "The schedule '{Schedule}' was last reckoned at {Last:O} by a clock that was ahead, as it is {Now:O}. It is run now, and at its times from now on")]
    public static partial void ScheduleTakenBack(ILogger logger, string schedule, DateTime last, DateTime now);

    [LoggerMessage(3055, LogLevel.Warning, "The schedules could not be looked at for clocks that were ahead; it is tried again in a minute")]
    public static partial void SchedulesNotSeen(ILogger logger, Exception error);

    [LoggerMessage(3056, LogLevel.Error, "Stream '{Stream}': the {Job} job failed; it is not tried again by itself")]
    public static partial void OrderedJobFailed(ILogger logger, Exception error, string stream, string job);

    [LoggerMessage(3057, LogLevel.Information,
        "Stream '{Stream}' is run now: view '{View}' is new or has changed, and generation {Generation}, which serves, does not hold it")]
    public static partial void ViewChanged(ILogger logger, string stream, string view, long generation);

    [LoggerMessage(3058, LogLevel.Warning,
        "Stream '{Stream}': run {RunId} was taken over by another process, as this one had given no sign of life for too long. It has stopped; what becomes of the run is told by the other one")]
    public static partial void RunTakenOver(ILogger logger, string stream, string runId);

    [LoggerMessage(3059, LogLevel.Warning, "Run {RunId}: the job storage does not answer whether another process has taken it over; the run goes on as if none had")]
    public static partial void RunNotAsked(ILogger logger, Exception error, string runId);
}
