using System.Buffers;
using Lambda.Log;
using Microsoft.Win32.SafeHandles;

namespace Lambda.Capture.Spilling;

/// <summary>Appends groups of events to one file. A group is there whole and synced, or not at all.</summary>
internal sealed class SegmentWriter : IDisposable
{
    private readonly SafeFileHandle _file;

    private SegmentWriter(long number, string path, SafeFileHandle file)
    {
        Number = number;
        Path = path;
        _file = file;
    }

    public long Number { get; }

    public string Path { get; }

    /// <summary>Up to where the file holds events.</summary>
    public long End { get; private set; }

    /// <summary>Whether nothing more may be appended, as what a failed write left could not be taken off.</summary>
    public bool IsBroken { get; private set; }

    /// <exception cref="IOException">The file cannot be made.</exception>
    public static SegmentWriter Create(string folder, long number)
    {
        string path = SpillSegment.PathOf(folder, number);
        SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            RandomAccess.Write(file, SpillSegment.Magic, 0);
            return new SegmentWriter(number, path, file) { End = SpillSegment.Magic.Length };
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <exception cref="IOException">The disk is full or fails; nothing of the group is there.</exception>
    public void Append(RecordBatch records)
    {
        byte[] group = ArrayPool<byte>.Shared.Rent(SizeOf(records));
        try
        {
            int length = 0;
            for (int i = 0; i < records.Count; i++)
            {
                length += SpillFrame.Write(records.Key(i), records.Value(i), group.AsSpan(length));
            }

            RandomAccess.Write(_file, group.AsSpan(0, length), End);
            RandomAccess.FlushToDisk(_file);
            End += length;
        }
        catch
        {
            TakeOff();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(group);
        }
    }

    /// <summary>How many bytes a group takes.</summary>
    public static int SizeOf(RecordBatch records) => records.ByteCount + (records.Count * SpillFrame.HeaderBytes);

    public void Dispose() => _file.Dispose();

    private void TakeOff()
    {
        try
        {
            RandomAccess.SetLength(_file, End);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            IsBroken = true;
        }
    }
}
