using System.Globalization;

namespace Lambda.Bench;

/// <summary>The most physical memory that this process ever had.</summary>
internal static class PeakMemory
{
    private const string Peak = "VmHWM:";

    public static long Megabytes
    {
        get
        {
            string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Peak, StringComparison.Ordinal));
            return long.Parse(line[Peak.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024;
        }
    }
}
