using System.Runtime.InteropServices;

namespace Lambda.Bench.Soak;

/// <summary>What the C library's allocator holds of the system for native code, in bytes (glibc's <c>mallinfo2</c>, over all arenas).</summary>
/// <param name="Held">All of it.</param>
/// <param name="Used">What is allocated of that; the rest was freed, and is used again.</param>
internal readonly record struct NativeHeap(long Held, long Used)
{
    public static NativeHeap Read()
    {
        Report report = ReadReport();
        return new NativeHeap((long)(report.FromHeaps + report.Mapped), (long)(report.Used + report.Mapped));
    }

    [DllImport("libc", EntryPoint = "mallinfo2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern Report ReadReport();

    /// <summary>As the library lays it out.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Report
    {
        public readonly nuint FromHeaps;
        private readonly nuint _freeChunks;
        private readonly nuint _fastChunks;
        private readonly nuint _mappings;
        public readonly nuint Mapped;
        private readonly nuint _mostMapped;
        private readonly nuint _fastBytes;
        public readonly nuint Used;
        private readonly nuint _free;
        private readonly nuint _releasable;
    }
}
