using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Lambda.Capture.Spilling;

/// <summary>Reads the events of one file one after the other, through a window over it.</summary>
internal sealed class SegmentReader : IDisposable
{
    private const int WindowBytes = 1 << 18;

    private readonly SafeFileHandle _file;
    private byte[] _window = ArrayPool<byte>.Shared.Rent(WindowBytes);
    private long _windowStart;
    private int _windowLength;

    public SegmentReader(string path, long number)
    {
        Number = number;
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <summary>The number of the file.</summary>
    public long Number { get; }

    /// <summary>Whether the file begins as a segment does.</summary>
    public bool HasMagic => Fill(0, SpillSegment.Magic.Length) && _window.AsSpan(0, SpillSegment.Magic.Length).SequenceEqual(SpillSegment.Magic);

    /// <summary>The event that starts at <paramref name="offset"/>, valid until the next call; empty when there is none that is whole.</summary>
    public ReadOnlySpan<byte> Read(long offset)
    {
        if (!Fill(offset, SpillFrame.HeaderBytes) || SpillFrame.Measure(_window.AsSpan((int)(offset - _windowStart))) is not { } size || !Fill(offset, size))
        {
            return default;
        }

        ReadOnlySpan<byte> frame = _window.AsSpan((int)(offset - _windowStart), size);
        return SpillFrame.IsIntact(frame) ? frame : default;
    }

    /// <summary>Forgets what was read, as the file has grown since.</summary>
    public void Refresh() => _windowLength = 0;

    public void Dispose()
    {
        _file.Dispose();
        ArrayPool<byte>.Shared.Return(_window);
        _window = [];
    }

    /// <summary>Has the window hold <paramref name="count"/> bytes from <paramref name="offset"/> on. False when the file ends before.</summary>
    private bool Fill(long offset, int count)
    {
        if (offset >= _windowStart && offset + count <= _windowStart + _windowLength)
        {
            return true;
        }

        // A length is believed only as far as the file goes: a torn one must not claim memory.
        if (offset + count > RandomAccess.GetLength(_file))
        {
            return false;
        }

        if (_window.Length < count)
        {
            ArrayPool<byte>.Shared.Return(_window);
            _window = ArrayPool<byte>.Shared.Rent(count);
        }

        _windowStart = offset;
        _windowLength = 0;
        int read;
        while (_windowLength < _window.Length
            && (read = RandomAccess.Read(_file, _window.AsSpan(_windowLength), offset + _windowLength)) > 0)
        {
            _windowLength += read;
        }

        return _windowLength >= count;
    }
}
