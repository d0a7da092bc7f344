using System.Globalization;

namespace Lambda.Bench.Soak;

/// <summary>What memory the process has, in bytes.</summary>
/// <param name="Resident">What of it is in memory (VmRSS).</param>
/// <param name="Heap">Objects, and what the collector has not found to be dead yet.</param>
/// <param name="Live">What was left after the last collection of everything, holes included; nothing before there was one.</param>
/// <param name="Committed">What the collector holds of the system, as of its last collection.</param>
/// <param name="Native">The resident part that is none of the collector's: libraries, code, stacks, and what native code allocates.</param>
/// <param name="Malloc">What native code has allocated and not freed.</param>
internal readonly record struct MemoryReading(long Resident, long Heap, long Live, long Committed, long Native, long Malloc)
{
    public static MemoryReading Take()
    {
        long resident = ReadResident();
        long committed = GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes;
        return new MemoryReading(
            resident, GC.GetTotalMemory(forceFullCollection: false), ReadLive(), committed, resident - committed, NativeHeap.Read().Used);
    }

    /// <summary>Of each figure the larger one.</summary>
    public MemoryReading Max(MemoryReading other) => new(
        Math.Max(Resident, other.Resident), Math.Max(Heap, other.Heap), Math.Max(Live, other.Live), Math.Max(Committed, other.Committed),
        Math.Max(Native, other.Native), Math.Max(Malloc, other.Malloc));

    private static long ReadLive()
    {
        GCMemoryInfo background = GC.GetGCMemoryInfo(GCKind.Background);
        GCMemoryInfo blocking = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        return background.Index > blocking.Index ? background.HeapSizeBytes : blocking.HeapSizeBytes;
    }

    private static long ReadResident()
    {
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
            {
                return long.Parse(line.AsSpan("VmRSS:".Length).TrimEnd("kB"), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                    CultureInfo.InvariantCulture) << 10;
            }
        }

        throw new InvalidOperationException("/proc/self/status has no VmRSS.");
    }
}
