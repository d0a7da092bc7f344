using System.Runtime.InteropServices;

namespace Lambda.Hosting.Composition;

/// <summary>
/// Has the C library give freed memory back to the system. glibc maps large blocks of native code apart from its heaps, but raises the size of such with each that is
/// freed, up to 32 MB; from then on they are cut out of heaps, eight to a core, where what small blocks leave between them is held for good. A fixed size keeps them apart.
/// </summary>
/// <remarks>See <c>mallopt(3)</c>. Other C libraries have nothing of the kind.</remarks>
internal static class NativeAllocator
{
    private const int TrimThreshold = -1;
    private const int MapThreshold = -3;
    private const int MostHeaps = -8;

    /// <summary>What glibc itself begins with.</summary>
    private const int LargeBlock = 128 * 1024;

    /// <summary>By which glibc is told the same when a process starts. Whoever has set one knows better.</summary>
    private static readonly string[] Variables = ["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_ARENA_MAX", "GLIBC_TUNABLES"];

    /// <summary>Sets it for the whole process.</summary>
    /// <returns>Whether the C library has taken it.</returns>
    public static bool GiveBack()
    {
        if (!OperatingSystem.IsLinux() || Variables.Any(variable => Environment.GetEnvironmentVariable(variable) is { Length: > 0 }))
        {
            return false;
        }

        try
        {
            return Set(MapThreshold, LargeBlock) + Set(TrimThreshold, LargeBlock) + Set(MostHeaps, Math.Max(2, Environment.ProcessorCount)) == 3;
        }
        catch (Exception missing) when (missing is EntryPointNotFoundException or DllNotFoundException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Set(int parameter, int value);
}
