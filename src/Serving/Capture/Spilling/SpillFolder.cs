using Lambda.Log;

namespace Lambda.Capture.Spilling;

/// <summary>
/// Events on disk, in the order in which they came: appended at one end in synced groups, read at the other, removed when they are sent. It survives the
/// process. Used by one thread at a time.
/// </summary>
internal sealed class SpillFolder : IDisposable
{
    private const long LargestSegment = 16L << 20;
    private const long SmallestSegment = 64L << 10;

    private readonly string _folder;
    private readonly long _maxBytes;
    private readonly long _segmentBytes;
    private readonly FileStream _lock;
    private readonly SentMark _mark;
    private readonly LinkedList<SpillSegment> _sealed = new();
    private SegmentWriter? _writer;
    private SegmentReader? _reader;
    private SpillPosition _next;
    private long _nextNumber = 1;
    private long _sealedBytes;

    private SpillFolder(string folder, long maxBytes, FileStream @lock, SentMark mark)
    {
        _folder = folder;
        _maxBytes = maxBytes;
        _segmentBytes = Math.Clamp(maxBytes / 8, SmallestSegment, LargestSegment);
        _lock = @lock;
        _mark = mark;
    }

    /// <summary>How many events wait.</summary>
    public long Count { get; private set; }

    /// <summary>How many bytes the files take.</summary>
    public long Bytes => _sealedBytes + (_writer?.End ?? 0);

    /// <summary>How many bytes could not be read as events: torn off by a crash, which nobody was promised, or damaged.</summary>
    public long UnreadableBytes { get; private set; }

    /// <summary>Opens a folder, makes it when it is missing, and reads through what is there.</summary>
    /// <exception cref="IOException">Another process uses the folder, or the disk fails.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not write there.</exception>
    public static SpillFolder Open(string folder, long maxBytes)
    {
        Directory.CreateDirectory(folder);
        FileStream @lock = new(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        SpillFolder opened;
        try
        {
            opened = new SpillFolder(folder, maxBytes, @lock, SentMark.Open(Path.Combine(folder, "sent")));
        }
        catch
        {
            @lock.Dispose();
            throw;
        }

        try
        {
            opened.Load();
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Appends events, all or none; when it returns true, they are on disk. False when that would go over the limit of the folder.</summary>
    /// <exception cref="IOException">The disk is full or fails; nothing was appended.</exception>
    public bool TryAppend(RecordBatch records)
    {
        int size = SegmentWriter.SizeOf(records);
        if (Bytes + size > _maxBytes)
        {
            return false;
        }

        if (_writer is { } full && (full.IsBroken || (full.End > SpillSegment.Magic.Length && full.End + size > _segmentBytes)))
        {
            Seal(full);
        }

        _writer ??= SegmentWriter.Create(_folder, _nextNumber++);
        _writer.Append(records);
        Count += records.Count;
        return true;
    }

    /// <summary>Reads events that wait, from the first on, up to the limits of <paramref name="destination"/>.</summary>
    /// <returns>The place behind the last one, to be given to <see cref="Remove"/> when they are sent.</returns>
    public SpillPosition Read(RecordBatch destination)
    {
        destination.Clear();
        SpillPosition position = _next;
        while (Locate(position) is { } segment)
        {
            try
            {
                if (!TryReadThrough(segment, destination, ref position))
                {
                    return position;
                }
            }
            catch (Exception error) when (destination.Count > 0 && error is IOException or UnauthorizedAccessException)
            {
                // What was read before is whole, and goes first. The next read begins here, and says what is wrong.
                return position;
            }

            if (segment.Number == _writer?.Number)
            {
                break;
            }

            position = new SpillPosition(segment.Number + 1, 0);
        }

        return position;
    }

    /// <summary>Where the next event will be appended, or is already behind everything that is there.</summary>
    public SpillPosition End => _writer is { } writer ? new SpillPosition(writer.Number, writer.End) : new SpillPosition(_nextNumber, 0);

    /// <summary>Forgets the events below a place, of which there are <paramref name="events"/>, and removes files that hold no others.</summary>
    public void Remove(SpillPosition below, long events)
    {
        Count = Math.Max(0, Count - events);
        _next = below;
        if (_writer is { } writer && (below.Segment > writer.Number || (below.Segment == writer.Number && below.Offset >= writer.End)))
        {
            // Everything is sent. A file that is never emptied would grow on as long as the sink is only just keeping up.
            Seal(writer);
            _next = new SpillPosition(_nextNumber, 0);
        }

        // Before the mark is written, for which a full disk may have no room: that an older one names files that are gone makes no difference.
        while (_sealed.First is { } first && first.Value.Number < _next.Segment)
        {
            if (_reader?.Number == first.Value.Number)
            {
                _reader.Dispose();
                _reader = null;
            }

            File.Delete(first.Value.Path);
            _sealedBytes -= first.Value.FileBytes;
            _sealed.RemoveFirst();
        }

        // Events that turned out unreadable are not among those that were sent.
        Count = _sealed.Count == 0 && _writer is null ? 0 : Count;
        _mark.Write(_next);
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _writer?.Dispose();
        _mark.Dispose();
        _lock.Dispose();
    }

    private void Load()
    {
        long[] numbers =
        [
            .. Directory.EnumerateFiles(_folder, $"*{SpillSegment.Extension}").Select(SpillSegment.NumberOf).OfType<long>().Order(),
        ];
        _nextNumber = Math.Max(numbers.LastOrDefault(), _mark.Position.Segment) + 1;
        _next = _mark.Position;
        foreach (long number in numbers)
        {
            string path = SpillSegment.PathOf(_folder, number);
            if (number < _next.Segment)
            {
                File.Delete(path);
                continue;
            }

            (long end, long waiting) = Scan(path, number);
            long length = new FileInfo(path).Length;
            UnreadableBytes += length - end;
            if (waiting == 0)
            {
                File.Delete(path);
                continue;
            }

            _sealed.AddLast(new SpillSegment(number, path, end, length));
            _sealedBytes += length;
            Count += waiting;
        }
    }

    /// <summary>Up to where a file holds events, and how many of them are not sent.</summary>
    private (long End, long Waiting) Scan(string path, long number)
    {
        using SegmentReader reader = new(path, number);
        if (!reader.HasMagic)
        {
            return (0, 0);
        }

        long offset = SpillSegment.Magic.Length;
        long from = _next.Segment == number ? _next.Offset : 0;
        long all = 0;
        long waiting = 0;
        bool isPlace = from <= offset;
        for (ReadOnlySpan<byte> frame = reader.Read(offset); !frame.IsEmpty; frame = reader.Read(offset))
        {
            all++;
            waiting += offset >= from ? 1 : 0;
            offset += frame.Length;
            isPlace |= offset == from;
        }

        if (!isPlace)
        {
            // A mark that fits no event is one of another time: to send again what was sent is the lesser harm.
            _next = new SpillPosition(number, 0);
            return (offset, all);
        }

        return (offset, waiting);
    }

    private void Seal(SegmentWriter writer)
    {
        writer.Dispose();
        _writer = null;
        _sealed.AddLast(new SpillSegment(writer.Number, writer.Path, writer.End, writer.End));
        _sealedBytes += writer.End;
    }

    /// <summary>The file that a place lies in, or the next one; null when there is nothing behind it.</summary>
    private SpillSegment? Locate(SpillPosition position)
    {
        for (LinkedListNode<SpillSegment>? node = _sealed.First; node is not null; node = node.Next)
        {
            if (node.Value.Number >= position.Segment)
            {
                return node.Value;
            }
        }

        return _writer is { } writer && writer.Number >= position.Segment ? new SpillSegment(writer.Number, writer.Path, writer.End, writer.End) : null;
    }

    /// <summary>Reads the events of a file from a place on, which moves behind each of them.</summary>
    /// <returns>False when there is no room for the next one.</returns>
    private bool TryReadThrough(SpillSegment segment, RecordBatch destination, ref SpillPosition position)
    {
        SegmentReader reader = ReaderOf(segment);
        long from = position.Segment == segment.Number ? Math.Max(position.Offset, SpillSegment.Magic.Length) : SpillSegment.Magic.Length;
        position = new SpillPosition(segment.Number, from);
        while (position.Offset < segment.End)
        {
            ReadOnlySpan<byte> frame = reader.Read(position.Offset);
            if (frame.IsEmpty)
            {
                // Good when it was written or last read, so the disk has lost it. What is behind cannot be found without its length.
                UnreadableBytes += segment.End - position.Offset;
                position = position with { Offset = segment.End };
                break;
            }

            if (destination.IsFullFor(frame.Length - SpillFrame.HeaderBytes))
            {
                return false;
            }

            destination.Add(SpillFrame.Key(frame), SpillFrame.Value(frame));
            position = position with { Offset = position.Offset + frame.Length };
        }

        return true;
    }

    private SegmentReader ReaderOf(SpillSegment segment)
    {
        if (_reader?.Number != segment.Number)
        {
            _reader?.Dispose();
            _reader = null;
            _reader = new SegmentReader(segment.Path, segment.Number);
        }

        // The file that is written has grown.
        _reader.Refresh();
        return _reader;
    }
}
