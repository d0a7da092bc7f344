namespace Lambda.Bench;

/// <summary>How busy the machine is, which figures are to be read with.</summary>
internal static class MachineLoad
{
    /// <summary>The average of the last minute.</summary>
    public static string Now => File.ReadAllText("/proc/loadavg").Split(' ')[0];
}
