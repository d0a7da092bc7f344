using System.Buffers.Binary;
using System.Text;

namespace Lambda.Batch.ForeignTables.Hudi.Logs;

/// <summary>
/// Finds the blocks of a log: each has a mark, its length, what it tells of itself, its content and its length once more. A write that broke off leaves a block that is not whole; the next one
/// begins at the next mark.
/// </summary>
internal sealed class LogFile : IDisposable
{
    private const int SizeOfMark = 6;
    private const int KnownVersion = 1;

    /// <summary>From the length on, which does not count itself nor the mark, but the length at the end does count the mark.</summary>
    private const int Overhead = SizeOfMark + sizeof(long);

    private const int MostHeaders = 64;
    private const int ScanBuffer = 1 << 16;

    private readonly HudiFile _log;
    private readonly FileStream _stream;
    private readonly byte[] _number = new byte[sizeof(long)];

    private LogFile(HudiFile log, string path)
    {
        _log = log;
        _stream = File.OpenRead(path);
    }

    private static ReadOnlySpan<byte> Mark => "#HUDI#"u8;

    /// <summary>The blocks of a log, in order, whole or not.</summary>
    /// <exception cref="ForeignTableException">It cannot be read.</exception>
    public static List<LogBlock> Scan(TableFolder folder, HudiFile log)
    {
        using LogFile file = Open(folder, log);
        List<LogBlock> blocks = [];
        for (long offset = 0; offset < file._stream.Length;)
        {
            (LogBlock block, offset) = file.Read(offset);
            blocks.Add(block);
        }

        return blocks;
    }

    /// <summary>The content of a block.</summary>
    /// <exception cref="ForeignTableException">It cannot be read.</exception>
    public static byte[] ReadContent(TableFolder folder, LogBlock block)
    {
        using LogFile file = Open(folder, block.File);
        try
        {
            file._stream.Position = block.Content.Offset;
            byte[] content = new byte[block.Content.Length];
            file._stream.ReadExactly(content);
            return content;
        }
        catch (Exception error) when (error is IOException)
        {
            throw folder.Refuse($"has the log {block.Place}, which cannot be read: {error.Message.TrimEnd('.')}", error);
        }
    }

    public void Dispose() => _stream.Dispose();

    private static LogFile Open(TableFolder folder, HudiFile log)
    {
        string path = folder.Find(log.Path, "log");
        try
        {
            return new LogFile(log, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw folder.Refuse($"has the log '{log.Path}', which cannot be read: {error.Message.TrimEnd('.')}", error);
        }
    }

    /// <summary>Reads the block at a place.</summary>
    /// <returns>The block, and where the next one begins.</returns>
    private (LogBlock Block, long Next) Read(long offset)
    {
        LogBlock block = new(_log, offset);
        Dictionary<int, string> headers = [];
        try
        {
            _stream.Position = offset;
            Ensure(IsMark(), "it does not begin with the mark of one");
            long size = Long(_stream.Length);
            long end = offset + Overhead + size;
            bool fits = size >= 0 && end > offset && end <= _stream.Length;
            long limit = fits ? end - sizeof(long) : _stream.Length;
            int version = Int(limit);
            Ensure(version == KnownVersion, $"its version is {version}, where {KnownVersion} is known");
            int kind = Int(limit);
            ReadHeaders(headers, limit);
            Ensure(fits, $"it is said to have {size} bytes, where {_stream.Length - offset - Overhead} follow");
            long length = Long(limit);
            long content = _stream.Position;
            Ensure(length >= 0 && length <= Math.Min(Array.MaxLength, limit - content), $"its content is said to have {length} bytes, where {limit - content} follow");
            _stream.Position = content + length;
            ReadHeaders([], limit);
            Ensure(_stream.Position == limit, $"{limit - _stream.Position} of its bytes are left");
            long again = Long(end);
            Ensure(again == size + SizeOfMark, $"it ends with the length {again}, where it begins with {size}");
            return (block with { Kind = kind, Headers = headers, Content = (content, (int)length) }, end);
        }
        catch (Exception error) when (error is FormatException or EndOfStreamException)
        {
            return (block with { Headers = headers, Damage = error.Message.TrimEnd('.') }, FindMark(offset + 1));
        }
    }

    private void ReadHeaders(Dictionary<int, string> headers, long limit)
    {
        int count = Int(limit);
        Ensure(count is >= 0 and <= MostHeaders, $"it is said to have {count} headers");
        for (; count > 0; count--)
        {
            int kind = Int(limit);
            int length = Int(limit);
            Ensure(length >= 0 && length <= limit - _stream.Position, $"a header is said to have {length} bytes, where {limit - _stream.Position} follow");
            if (kind == LogBlock.PositionsHeader)
            {
                _stream.Position += length;
                continue;
            }

            byte[] text = new byte[length];
            _stream.ReadExactly(text);
            headers[kind] = Encoding.UTF8.GetString(text);
        }
    }

    private static void Ensure(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException(otherwise);
        }
    }

    private bool IsMark()
    {
        Span<byte> mark = stackalloc byte[SizeOfMark];
        return _stream.ReadAtLeast(mark, SizeOfMark, throwOnEndOfStream: false) == SizeOfMark && mark.SequenceEqual(Mark);
    }

    private int Int(long limit)
    {
        Ensure(_stream.Position + sizeof(int) <= limit, "it ends too early");
        _stream.ReadExactly(_number, 0, sizeof(int));
        return BinaryPrimitives.ReadInt32BigEndian(_number);
    }

    private long Long(long limit)
    {
        Ensure(_stream.Position + sizeof(long) <= limit, "it ends too early");
        _stream.ReadExactly(_number, 0, sizeof(long));
        return BinaryPrimitives.ReadInt64BigEndian(_number);
    }

    /// <summary>Where the next mark is, or the end.</summary>
    private long FindMark(long from)
    {
        byte[] buffer = new byte[ScanBuffer];
        while (from < _stream.Length)
        {
            _stream.Position = from;
            int read = _stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            int found = buffer.AsSpan(0, read).IndexOf(Mark);
            if (found >= 0)
            {
                return from + found;
            }

            from += Math.Max(1, read - SizeOfMark + 1);
        }

        return _stream.Length;
    }
}
