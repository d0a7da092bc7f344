namespace Lambda.Batch.History.Storage.S3;

/// <summary>An object that is read by ranges: those that are asked for when they are long, and a block around those that are short.</summary>
/// <param name="start">Its first bytes.</param>
/// <param name="length">Its length.</param>
/// <param name="read">Reads so many bytes from a place on.</param>
internal sealed class RangedStream(byte[] start, long length, Func<long, int, byte[]> read) : Stream
{
    private const int BlockBytes = 1 << 20;

    // What was read last; no byte before anything was.
    private byte[] _block = [];
    private long _blockStart;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int count = (int)Math.Min(buffer.Length, length - Position);
        if (count <= 0)
        {
            return 0;
        }

        ReadOnlySpan<byte> found = Find(Position, count);
        int copied = Math.Min(count, found.Length);
        found[..copied].CopyTo(buffer);
        Position += copied;
        return copied;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException("Objects never change.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Objects never change.");

    /// <summary>Bytes from a place on, possibly fewer than asked for.</summary>
    private ReadOnlySpan<byte> Find(long place, int count)
    {
        if (place < start.Length)
        {
            return start.AsSpan((int)place);
        }

        if (place < _blockStart || place >= _blockStart + _block.Length)
        {
            // The end of a file is read in small pieces from the back, so a block reaches back when it is the last one.
            bool isLast = length - place < BlockBytes;
            _blockStart = isLast ? Math.Max(start.Length, Math.Min(place, length - BlockBytes)) : place;
            _block = read(_blockStart, (int)Math.Min(isLast ? length - _blockStart : Math.Max(count, BlockBytes), length - _blockStart));
        }

        return _block.AsSpan((int)(place - _blockStart));
    }
}
