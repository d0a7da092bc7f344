using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Lambda.Tests.Kernel.Json.Fuzzing;

/// <summary>
/// Memory between two pages that may not be read, so that a read before or behind the bytes given ends the process. On systems other than Linux the
/// bytes are copied to where an array begins and ends, which catches nothing.
/// </summary>
internal sealed unsafe class GuardedMemory : IDisposable
{
    private const int ReadAndWrite = 3;
    private const int None = 0;
    private const int PrivateAndAnonymous = 0x22;

    private readonly byte* _first;
    private readonly int _length;
    private readonly nint _mapping;
    private readonly nuint _mappedLength;

    public GuardedMemory(int capacity)
    {
        int page = Environment.SystemPageSize;
        _length = (capacity + page - 1) / page * page;
        if (!OperatingSystem.IsLinux())
        {
            _first = (byte*)NativeMemory.Alloc((nuint)_length);
            return;
        }

        _mappedLength = (nuint)(_length + (2 * page));
        _mapping = MemoryMap(0, _mappedLength, ReadAndWrite, PrivateAndAnonymous, -1, 0);
        if (_mapping == -1 || MemoryProtect(_mapping, (nuint)page, None) != 0 || MemoryProtect(_mapping + page + _length, (nuint)page, None) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        _first = (byte*)_mapping + page;
    }

    /// <summary>A copy of the bytes right behind the first forbidden page.</summary>
    public ReadOnlySpan<byte> AtBeginning(ReadOnlySpan<byte> bytes) => Copy(bytes, _first);

    /// <summary>A copy of the bytes right before the second forbidden page.</summary>
    public ReadOnlySpan<byte> AtEnd(ReadOnlySpan<byte> bytes) => Copy(bytes, _first + _length - bytes.Length);

    public void Dispose()
    {
        if (_mapping == 0)
        {
            NativeMemory.Free(_first);
        }
        else
        {
            _ = MemoryUnmap(_mapping, _mappedLength);
        }
    }

    private ReadOnlySpan<byte> Copy(ReadOnlySpan<byte> bytes, byte* destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, _length);
        Span<byte> copy = new(destination, bytes.Length);
        bytes.CopyTo(copy);
        return copy;
    }

    [DllImport("libc", EntryPoint = "mmap", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint MemoryMap(nint address, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MemoryProtect(nint address, nuint length, int protection);

    [DllImport("libc", EntryPoint = "munmap", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MemoryUnmap(nint address, nuint length);
}
