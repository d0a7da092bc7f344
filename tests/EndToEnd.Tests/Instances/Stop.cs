using System.Diagnostics;
using System.Globalization;
using Lambda.EndToEnd.Tests.Running;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>How a process has to end when it is asked to.</summary>
internal static class Stop
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Ends a process by SIGTERM, which has to take less than five seconds; more where the machine has more to do than it has processors.</summary>
    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> InTimeAsync(AppProcess process)
    {
        long started = Stopwatch.GetTimestamp();
        int exitCode = await process.StopAsync();
        TimeSpan took = Stopwatch.GetElapsedTime(started);
        double load = double.Parse((await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0], CultureInfo.InvariantCulture);
        TimeSpan limit = Limit * Math.Max(1, load / Environment.ProcessorCount);
        Assert.True(exitCode == 0, $"SIGTERM ended a process with {exitCode}:\n{process.Output}");
        Assert.True(took < limit, $"SIGTERM ended a process after {took}, which is more than {limit}:\n{process.Output}");
        return took;
    }
}
