using Microsoft.Extensions.Logging;

namespace Lambda.Store.Postgres.Seats;

/// <summary>What seats tell operators. Event ids 5000 to 5999 are the ones of stores and never change their meaning.</summary>
internal static partial class SeatLog
{
    [LoggerMessage(5001, LogLevel.Information, "Group '{Group}': this process has the seat '{Seat}'")]
    public static partial void Taken(ILogger logger, string group, string seat);

    [LoggerMessage(5002, LogLevel.Warning,
        "Group '{Group}': no seat can be had ({Reason}). This process takes part all the same, and asks again each minute. If it is killed meanwhile, its partitions wait until the group misses it")]
    public static partial void NotToBeHad(ILogger logger, string group, string reason);

    [LoggerMessage(5003, LogLevel.Warning,
        "The connection that holds the seat '{Seat}' has ended ({Reason}). It is taken again as soon as it can be had; until then a process that starts may take it")]
    public static partial void Lost(ILogger logger, string seat, string reason);

    [LoggerMessage(5004, LogLevel.Information, "This process has the seat '{Seat}' again")]
    public static partial void TakenAgain(ILogger logger, string seat);
}
