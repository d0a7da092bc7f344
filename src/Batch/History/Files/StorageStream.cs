namespace Lambda.Batch.History.Files;

/// <summary>The bytes of an object, which remembers when it was the storage that failed: readers turn that into errors about the bytes.</summary>
/// <param name="inner">The object.</param>
internal sealed class StorageStream(Stream inner) : Stream
{
    /// <summary>What the storage failed with last; null when it never did.</summary>
    public IOException? Failure { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position { get => inner.Position; set => inner.Position = value; }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return inner.Read(buffer);
        }
        catch (IOException error)
        {
            Failure = error;
            throw;
        }
    }

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException("Objects never change.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Objects never change.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
