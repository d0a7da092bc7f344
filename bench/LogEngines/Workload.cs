namespace Lambda.LogEngines;

internal static class Workload
{
    public const int Records = 1_000_000;
    public const int RecordBytes = 110;
    public const int GroupRecords = 1_000;
    public const int Partitions = 4;

    /// <summary>One group of pseudo-random records: incompressible, so that no engine gains by compressing.</summary>
    public static byte[] Group(int seed)
    {
        var bytes = new byte[GroupRecords * RecordBytes];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
