namespace Lambda.Batch.Scan.Pages;

/// <summary>
/// Reads numbers in the hybrid of runs of one repeated number and of numbers of a few bits each, which the format has for indices and levels. A struct that
/// is moved along; the bytes are given with each call.
/// </summary>
internal struct HybridDecoder
{
    private int _width;
    private int _next;
    private int _end;

    /// <summary>How many numbers of the run are left, and how many were taken.</summary>
    private int _left;
    private int _taken;
    private bool _isPacked;
    private int _repeated;
    private int _packedStart;

    /// <param name="start">Where the numbers start in the bytes.</param>
    /// <param name="end">Where they end. There are <see cref="BitUnpacker.Slack"/> bytes more in any case.</param>
    /// <param name="width">How many bits a number has.</param>
    public HybridDecoder(int start, int end, int width)
    {
        _next = start;
        _end = end;
        _width = width is >= 0 and <= 32 ? width : throw new InvalidDataException($"a page has indices of {width} bits");
    }

    /// <summary>Whether the next numbers are all in a run of one repeated number, which are passed over then.</summary>
    public bool TrySkipRepeated(ReadOnlySpan<byte> bytes, int number, int count)
    {
        if (_left == 0)
        {
            NextRun(bytes);
        }

        if (_isPacked || _repeated != number || _left < count)
        {
            return false;
        }

        _left -= count;
        return true;
    }

    /// <summary>Reads as many numbers as there is room for.</summary>
    /// <exception cref="InvalidDataException">There are not so many.</exception>
    public void Read(ReadOnlySpan<byte> bytes, Span<int> numbers)
    {
        while (numbers.Length > 0)
        {
            if (_left == 0)
            {
                NextRun(bytes);
            }

            int count = Math.Min(_left, numbers.Length);
            if (_isPacked)
            {
                Unpack(bytes, numbers[..count]);
            }
            else
            {
                numbers[..count].Fill(_repeated);
            }

            _taken += count;
            _left -= count;
            numbers = numbers[count..];
        }
    }

    private readonly void Unpack(ReadOnlySpan<byte> bytes, Span<int> numbers)
    {
        ReadOnlySpan<byte> packed = bytes[_packedStart..];
        int done = 0;
        for (; done < numbers.Length && (_taken + done) % BitUnpacker.Group != 0; done++)
        {
            numbers[done] = BitUnpacker.One(packed, _width, _taken + done);
        }

        int whole = (numbers.Length - done) / BitUnpacker.Group * BitUnpacker.Group;
        if (whole > 0)
        {
            int first = (int)((long)(_taken + done) * _width / 8);
            BitUnpacker.Unpack(packed[first..], _width, numbers.Slice(done, whole));
        }

        for (done += whole; done < numbers.Length; done++)
        {
            numbers[done] = BitUnpacker.One(packed, _width, _taken + done);
        }
    }

    private void NextRun(ReadOnlySpan<byte> bytes)
    {
        do
        {
            uint head = ReadHead(bytes);
            _isPacked = (head & 1) != 0;
            _taken = 0;
            if (_isPacked)
            {
                BeginPacked(head >> 1);
            }
            else
            {
                BeginRepeated(bytes, head >> 1);
            }
        }
        while (_left == 0);
    }

    private void BeginPacked(uint groups)
    {
        // Numbers of no bits are all 0. Some writers leave out the end of a last group which has no meaning.
        long numbers = (long)groups * BitUnpacker.Group;
        long there = _width == 0 ? numbers : (long)(_end - _next) * 8 / _width;
        _left = (int)Math.Min(Math.Min(numbers, there), int.MaxValue);
        if (_left == 0 && numbers > 0)
        {
            throw Short();
        }

        _packedStart = _next;
        _next = (int)Math.Min(_end, _next + ((long)groups * _width));
        if (_width == 0)
        {
            (_isPacked, _repeated) = (false, 0);
        }
    }

    private void BeginRepeated(ReadOnlySpan<byte> bytes, uint count)
    {
        int size = (_width + 7) / 8;
        if (size > _end - _next)
        {
            throw Short();
        }

        _repeated = 0;
        for (int i = 0; i < size; i++)
        {
            _repeated |= bytes[_next++] << (8 * i);
        }

        // All bits of a level count; one that is too large would be neither a null nor a value.
        if (_width < 32 && (uint)_repeated >> _width != 0)
        {
            throw new InvalidDataException("a run repeats a number that is too large");
        }

        _left = (int)count;
    }

    private uint ReadHead(ReadOnlySpan<byte> bytes)
    {
        ulong head = 0;
        for (int shift = 0; shift < 35 && _next < _end; shift += 7)
        {
            byte next = bytes[_next++];
            head |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return head <= uint.MaxValue ? (uint)head : throw new InvalidDataException("a run is too long");
            }
        }

        throw Short();
    }

    private static InvalidDataException Short() => new("a page ends before its last value");
}
