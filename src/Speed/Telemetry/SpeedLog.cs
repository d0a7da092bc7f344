using Lambda.Log;
using Microsoft.Extensions.Logging;

namespace Lambda.Speed.Telemetry;

/// <summary>What the speed layer logs. Event ids 2000 to 2999 are its own and never change their meaning.</summary>
internal static partial class SpeedLog
{
    [LoggerMessage(2001, LogLevel.Warning,
        "Stream '{Stream}', partition {Partition}: another owner has claimed it; this process no longer computes it")]
    public static partial void Fenced(ILogger logger, string stream, int partition);

    [LoggerMessage(2002, LogLevel.Error,
        "Stream '{Stream}', partition {Partition}: stopped, as offsets {Missing} were removed from the log before they were computed. To go on without them: "
        + "{Command}")]
    public static partial void OffsetsLost(ILogger logger, Exception error, string stream, int partition, OffsetRange missing, string command);

    [LoggerMessage(2003, LogLevel.Error, "Stream '{Stream}', partition {Partition}: starts again from the store in {Delay} after an error")]
    public static partial void Restarting(ILogger logger, Exception error, string stream, int partition, TimeSpan delay);

    [LoggerMessage(2004, LogLevel.Warning, "Stream '{Stream}', partition {Partition}: goes on at offset {Offset}, behind records that were lost")]
    public static partial void GoingOn(ILogger logger, string stream, int partition, long offset);

    [LoggerMessage(2005, LogLevel.Error,
        "Stream '{Stream}', partition {Partition}: stopped until this process starts again or is given the partition anew, as the log has lost records that "
        + "were computed, or is another one")]
    public static partial void LogReverted(ILogger logger, Exception error, string stream, int partition);

    [LoggerMessage(2006, LogLevel.Warning,
        "Stream '{Stream}', partition {Partition}: claims it again, as it is this process's and whoever claimed it in between does not work on it")]
    public static partial void TakingBack(ILogger logger, string stream, int partition);

    [LoggerMessage(2007, LogLevel.Warning,
        "Stream '{Stream}', partition {Partition}: what was computed since the last commit could not be committed at the end; its next owner computes it again")]
    public static partial void LeftUncommitted(ILogger logger, Exception error, string stream, int partition);

    [LoggerMessage(2008, LogLevel.Information, "Stream '{Stream}', partition {Partition}: goes on with the edition that answers now")]
    public static partial void EditionChanged(ILogger logger, string stream, int partition);

    [LoggerMessage(2009, LogLevel.Warning, "Replay '{Lane}', partition {Partition}: starts again from the store every {Delay} after an error, until it gets on")]
    public static partial void ReplayRestarting(ILogger logger, Exception error, string lane, int partition, TimeSpan delay);

    [LoggerMessage(2011, LogLevel.Warning, "Stream '{Stream}': its replays are not known, as the store does not answer")]
    public static partial void ReplaysUnknown(ILogger logger, Exception error, string stream);

    [LoggerMessage(2012, LogLevel.Warning,
        "Replay '{Lane}' is not computed by this process, which has other versions of the views: it was begun with another definition. Drop it, and begin another")]
    public static partial void ReplayOfOthers(ILogger logger, string lane);

    [LoggerMessage(2013, LogLevel.Information,
        "Stream '{Stream}': its log has {Partitions} partitions and had {Before}; those that were added are computed from their first offset on")]
    public static partial void Grown(ILogger logger, string stream, int before, int partitions);

    [LoggerMessage(2010, LogLevel.Warning, "Stream '{Stream}', partition {Partition}: its lag is unknown because the log does not answer")]
    public static partial void LagUnknown(ILogger logger, Exception error, string stream, int partition);
}
