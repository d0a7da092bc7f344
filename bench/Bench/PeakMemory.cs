using System.Globalization;

namespace Lambda.Bench;

/// <summary>The most physical memory that this process ever had, or since it was counted anew.</summary>
internal static class PeakMemory
{
    private const string Peak = "VmHWM:";

    /// <summary>Has the most be counted anew from what there is.</summary>
    public static void Reset() => File.WriteAllText("/proc/self/clear_refs", "5");

    public static long Megabytes
    {
        get
        {
            string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Peak, StringComparison.Ordinal));
            return long.Parse(line[Peak.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024;
        }
    }
}
