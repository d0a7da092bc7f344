using System.Buffers;
using Lambda.Events.Json;
using Lambda.Log;

namespace Lambda.Hosting.Ingest;

/// <summary>
/// A file with a JSON object per line. Lines are handed on as they are, so that a bad one gets a place in the log and is quarantined where all layers
/// see it; empty ones are passed over.
/// </summary>
internal sealed class NdjsonFile : EventFile
{
    private const int FirstBufferBytes = 1 << 18;

    private readonly Stream _file;
    private readonly RecordKeyReader _keys;
    private readonly LineOrigin _origin;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);

    /// <summary>The bytes in <see cref="_buffer"/> that are still to be handed on are <c>[_start, _end)</c>.</summary>
    private int _start;
    private int _end;
    private bool _isAtEnd;

    /// <summary>Bytes of a line too long to be held whole that have been thrown away; 0 outside of such a line.</summary>
    private long _droppedBytes;
    private Task<int>? _pending;
    private long _line;
    private long _bytesRead;

    public NdjsonFile(Stream file, RecordKeyReader keys, LineOrigin origin)
    {
        _file = file;
        _keys = keys;
        _origin = origin;
    }

    public override double? Progress => _file.CanSeek && _file.Length > 0 ? (double)(_bytesRead - (_end - _start)) / _file.Length : null;

    public override async ValueTask<bool> ReadAsync(RecordBatch destination, CancellationToken cancellationToken)
    {
        while (true)
        {
            while (TryTakeLine(out int start, out int length))
            {
                if (!Add(destination, start, length))
                {
                    return true;
                }
            }

            if (_isAtEnd)
            {
                return false;
            }

            if (await TryFillAsync(destination, cancellationToken).ConfigureAwait(false))
            {
                continue;
            }

            return true;
        }
    }

    public override ValueTask DisposeAsync()
    {
        // A read that is still under way may yet write to the buffer.
        if (_pending is null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = [];
        return _file.DisposeAsync();
    }

    /// <summary>Finds the next line that is whole, and leaves it where it is until <see cref="Add"/> takes it.</summary>
    private bool TryTakeLine(out int start, out int length)
    {
        start = _start;
        length = _buffer.AsSpan(_start.._end).IndexOf((byte)'\n');
        if (length < 0 && _isAtEnd && (_end > _start || _droppedBytes > 0))
        {
            length = _end - _start;
        }

        return length >= 0;
    }

    /// <returns>False, with nothing taken, when the batch has no room for the line.</returns>
    private bool Add(RecordBatch destination, int start, int length)
    {
        ReadOnlySpan<byte> line = _buffer.AsSpan(start, length).TrimEnd("\r \t"u8);
        if (line.Length > 0 && _droppedBytes == 0)
        {
            ReadOnlySpan<byte> key = _keys.Read(line);
            if (destination.IsFullFor(key.Length + line.Length))
            {
                return false;
            }

            if (Take(_line + 1, key.Length + line.Length))
            {
                destination.Add(key, line);
            }
        }
        else if (_droppedBytes > 0)
        {
            Take(_line + 1, (int)Math.Min(int.MaxValue, _droppedBytes + length));
            _droppedBytes = 0;
        }

        _line++;
        _start = Math.Min(_end, start + length + 1);
        return true;
    }

    /// <returns>False when a pipe has nothing more for the moment and there are records that need not wait for it.</returns>
    private async ValueTask<bool> TryFillAsync(RecordBatch destination, CancellationToken cancellationToken)
    {
        if (_pending is null)
        {
            MakeRoom();
            _pending = _file.ReadAsync(_buffer.AsMemory(_end), CancellationToken.None).AsTask();
        }

        if (!_file.CanSeek && destination.Count > 0 && !_pending.IsCompleted)
        {
            return false;
        }

        int read = await CompleteReadAsync(_pending, cancellationToken).ConfigureAwait(false);
        _pending = null;
        bool isFirst = _bytesRead == 0;
        _bytesRead += read;
        _end += read;
        _isAtEnd = read == 0;
        if (isFirst && read > 0 && _origin == LineOrigin.User)
        {
            SkipByteOrderMark();
            RefuseOtherFormats();
        }

        return true;
    }

    private void MakeRoom()
    {
        DropWhatIsTooLong();
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
    }

    /// <summary>Keeps a line that goes on and on from filling the memory.</summary>
    private void DropWhatIsTooLong()
    {
        if (_end - _start > MaxRecordBytes)
        {
            _droppedBytes += _end - _start;
            _start = _end;
        }
    }

    private async ValueTask<int> CompleteReadAsync(Task<int> pending, CancellationToken cancellationToken)
    {
        try
        {
            // A read of a terminal or pipe cannot be cancelled, but need not be waited for.
            return await pending.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            throw new IngestException($"{Named()} cannot be read after line {_line}: {error.Message}", error);
        }
    }

    private void SkipByteOrderMark()
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        if (_buffer.AsSpan(_start.._end).StartsWith(mark))
        {
            _start += mark.Length;
        }
    }

    /// <summary>Refuses files of which every line would end in quarantine.</summary>
    private void RefuseOtherFormats()
    {
        ReadOnlySpan<byte> start = _buffer.AsSpan(_start.._end);
        if (start.StartsWith("PAR1"u8))
        {
            throw Other("is a Parquet file, which cannot be read from a pipe. Give the name of the file.");
        }

        if (start is [0x1F, 0x8B, ..])
        {
            throw Other("is compressed with gzip. Unpack it first: gunzip -c FILE | … ingest -");
        }

        // Behind a first line of text, one with a zero byte is a bad record like others.
        int firstLine = start.IndexOf((byte)'\n');
        bool beginsWithObject = start.TrimStart(" \t\r\n"u8) is [(byte)'{', ..] && firstLine >= 0;
        if ((beginsWithObject ? start[..firstLine] : start).Contains((byte)0))
        {
            throw Other("is not a text file. Give a JSON object per line, or a Parquet file.");
        }

        if (start.TrimStart(" \t\r\n"u8) is [(byte)'[', ..])
        {
            throw Other("holds a JSON array. Give a JSON object per line; this turns one into the other: jq -c '.[]' FILE | … ingest -");
        }
    }

    private IngestException Other(string what) => new($"{Named()} {what}");

    private string Named() => char.ToUpperInvariant(Name[0]) + Name[1..];
}

/// <summary>Where lines come from.</summary>
internal enum LineOrigin
{
    /// <summary>A person named the file, who may have named one of another format.</summary>
    User,

    /// <summary>A program cut the lines out of what a person named.</summary>
    Program,
}
