using System.Globalization;

namespace Lambda.Bench.Soak;

/// <summary>What memory the process has, in bytes.</summary>
/// <param name="Resident">What of it is in memory (VmRSS).</param>
/// <param name="Heap">Objects, and what the collector has not found to be dead yet.</param>
/// <param name="Live">What was left after the last collection of everything, holes included; nothing before there was one.</param>
/// <param name="Committed">What the collector holds of the system, as of its last collection.</param>
internal readonly record struct MemoryReading(long Resident, long Heap, long Live, long Committed)
{
    /// <summary>The part that is none of the collector's: libraries, code, stacks.</summary>
    public long Native => Resident - Committed;

    public static MemoryReading Take() => new(
        ReadResident(), GC.GetTotalMemory(forceFullCollection: false), ReadLive(), GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes);

    /// <summary>What was left after the last collection of everything.</summary>
    public static long ReadLive()
    {
        GCMemoryInfo background = GC.GetGCMemoryInfo(GCKind.Background);
        GCMemoryInfo blocking = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        return background.Index > blocking.Index ? background.HeapSizeBytes : blocking.HeapSizeBytes;
    }

    /// <summary>The resident bytes alone.</summary>
    public static long ReadResident()
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
