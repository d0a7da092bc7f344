using Microsoft.Extensions.Logging;

namespace Lambda.Speed.Telemetry;

/// <summary>What the speed layer logs. Event ids 2000 to 2999 are its own and never change their meaning.</summary>
internal static partial class SpeedLog
{
    [LoggerMessage(2001, LogLevel.Warning,
        "Stream '{Stream}', partition {Partition}: another owner has claimed it; this process no longer computes it")]
    public static partial void Fenced(ILogger logger, string stream, int partition);

    [LoggerMessage(2002, LogLevel.Error,
        "Stream '{Stream}', partition {Partition}: stopped, as records were removed from the log before they were computed")]
    public static partial void OffsetsLost(ILogger logger, Exception error, string stream, int partition);

    [LoggerMessage(2003, LogLevel.Error, "Stream '{Stream}', partition {Partition}: starts again from the store in {Delay} after an error")]
    public static partial void Restarting(ILogger logger, Exception error, string stream, int partition, TimeSpan delay);

    [LoggerMessage(2010, LogLevel.Warning, "Stream '{Stream}', partition {Partition}: its lag is unknown because the log does not answer")]
    public static partial void LagUnknown(ILogger logger, Exception error, string stream, int partition);
}
