using System.Runtime.InteropServices;
using Lambda.Hosting.Composition;
using Xunit;

namespace Lambda.Host.Tests.Composition;

public sealed class NativeAllocatorTests
{
    /// <summary>Many more than other tests of the process free meanwhile. Nobody writes to them, so they take no memory.</summary>
    private const int Blocks = 1024;

    // A soak of 100 M events ended with 499 MB held, of which 149 MB were in use.
    [Fact]
    public void Large_blocks_go_on_to_lie_apart_after_larger_ones_were_freed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "glibc is Linux's.");
        Assert.True(NativeAllocator.GiveBack());
        Marshal.FreeHGlobal(Marshal.AllocHGlobal(8 << 20));
        nuint before = Read().Mappings;

        nint[] blocks = [.. Enumerable.Range(0, Blocks).Select(_ => Marshal.AllocHGlobal(256 << 10))];
        nuint mapped = Read().Mappings - before;
        Array.ForEach(blocks, Marshal.FreeHGlobal);

        Assert.InRange((int)mapped, Blocks / 2, int.MaxValue);
    }

    [DllImport("libc", EntryPoint = "mallinfo2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern Report Read();

    /// <summary>As the library lays it out.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 10 * sizeof(long))]
    private readonly struct Report
    {
        private readonly nuint _fromHeaps;
        private readonly nuint _freeChunks;
        private readonly nuint _fastChunks;
        public readonly nuint Mappings;
    }
}
