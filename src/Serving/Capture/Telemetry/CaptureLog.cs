using Microsoft.Extensions.Logging;

namespace Lambda.Capture.Telemetry;

/// <summary>What captures log; ids 4101 to 4199.</summary>
internal static partial class CaptureLog
{
    [LoggerMessage(4101, LogLevel.Warning, "Capture for stream '{Stream}' has begun to drop events: {Dropped}. Requests are not affected")]
    public static partial void DropsBegan(this ILogger logger, string stream, string dropped);

    [LoggerMessage(4102, LogLevel.Warning, "Capture for stream '{Stream}' no longer drops events. From {From:O} to {To:O} it dropped {Dropped}")]
    public static partial void DropsEnded(this ILogger logger, string stream, DateTimeOffset from, DateTimeOffset to, string dropped);

    [LoggerMessage(4103, LogLevel.Error,
        "Capture for stream '{Stream}' could not make an event of {Count} requests, which were answered all the same; this is the last error. "
        + "Put the delegates of the capture right")]
    public static partial void EventsNotMade(this ILogger logger, Exception error, string stream, long count);

    [LoggerMessage(4104, LogLevel.Warning, "The sink of stream '{Stream}' fails: {Error} Events wait and are sent again")]
    public static partial void SinkFails(this ILogger logger, string stream, string error);

    [LoggerMessage(4105, LogLevel.Information, "The sink of stream '{Stream}' takes events again")]
    public static partial void SinkRecovered(this ILogger logger, string stream);

    [LoggerMessage(4106, LogLevel.Error, "Events of stream '{Stream}' cannot be spilled to '{Folder}': {Error} Until they can, those that memory has no room for are dropped")]
    public static partial void SpillFails(this ILogger logger, string stream, string folder, string error);

    [LoggerMessage(4107, LogLevel.Information, "Events of stream '{Stream}' can be spilled to '{Folder}' again")]
    public static partial void SpillRecovered(this ILogger logger, string stream, string folder);

    [LoggerMessage(4108, LogLevel.Information, "Found {Count} events of stream '{Stream}' that were spilled to '{Folder}' and not sent; they are sent now")]
    public static partial void SpilledFound(this ILogger logger, long count, string stream, string folder);

    [LoggerMessage(4109, LogLevel.Warning,
        "{Bytes} bytes in spill folder '{Folder}' of stream '{Stream}' are no events: a crash tore off a group that was being written, or the disk is damaged")]
    public static partial void SpillUnreadable(this ILogger logger, long bytes, string folder, string stream);

    [LoggerMessage(4110, LogLevel.Error, "Capture for stream '{Stream}' met an unexpected error and goes on")]
    public static partial void PumpFailed(this ILogger logger, Exception error, string stream);
}
