namespace Lambda.Log.Embedded;

/// <summary>What is said when stored records cannot be given back.</summary>
internal static class Damage
{
    public static EventLogException Unreadable(LogFolder folder, PartitionState partition, long offset, Exception cause) =>
        Unreadable(folder, partition, $"offset {offset}", cause);

    public static EventLogException Unreadable(LogFolder folder, PartitionState partition, string place, Exception cause) => new(
        $"{Where(partition)}: {place} cannot be read: {cause.Message} {Remedy(folder)}",
        cause);

    public static EventLogException Missing(LogFolder folder, PartitionState partition, long offset) => new(
        $"{Where(partition)}: offset {offset} is missing from the store although later ones are there. {Remedy(folder)}");

    public static EventLogException UnknownFormat(LogFolder folder, PartitionState partition, long offset) => new(
        $"{Where(partition)}: the records at offset {offset} are not in a format that this version knows. If a newer version wrote them, "
        + $"use that one. {Remedy(folder)}");

    private static string Where(PartitionState partition) => $"Stream '{partition.Stream.Name}', partition {partition.Index}";

    private static string Remedy(LogFolder folder) =>
        $"Check the disk and restore the log folder '{folder.Path}' from a backup; or, when the history already has these records, trim the "
        + "partition past them.";
}
