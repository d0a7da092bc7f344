namespace Lambda.Log.Kafka.Reading;

/// <summary>
/// The readers of one partition. Whoever reads on where a reader stands gets that one, with what it has fetched ahead; so the layers, which read the
/// same partition at different places, do not disturb each other.
/// </summary>
internal sealed class PartitionReaders(ReaderClients clients, string topic, int partition, TimeProvider time)
{
    // More idle ones than this are not kept: the one unused for longest is started elsewhere.
    private const int MostIdle = 2;

    private readonly Lock _lock = new();
    private readonly List<PartitionReader> _idle = [];
    private readonly List<PartitionReader> _rented = [];
    private TaskCompletionSource? _allReturned;
    private bool _closed;

    /// <summary>A reader that goes on at <paramref name="offset"/>; to be returned.</summary>
    /// <exception cref="ObjectDisposedException">The log is closed.</exception>
    public PartitionReader Rent(long offset)
    {
        PartitionReader reader = Take(offset);
        if (!reader.IsAt(offset))
        {
            try
            {
                reader.Start(offset);
            }
            catch
            {
                Return(reader);
                throw;
            }
        }

        return reader;
    }

    public void Return(PartitionReader reader)
    {
        TaskCompletionSource? allReturned;
        lock (_lock)
        {
            _rented.Remove(reader);
            reader.LastUsed = time.GetTimestamp();
            _idle.Add(reader);
            allReturned = _rented.Count == 0 ? _allReturned : null;
        }

        allReturned?.TrySetResult();
    }

    /// <summary>Gives up readers that were not used for so long.</summary>
    public void CloseIdle(TimeSpan unusedFor)
    {
        PartitionReader[] unused;
        lock (_lock)
        {
            unused = [.. _idle.Where(reader => time.GetElapsedTime(reader.LastUsed) >= unusedFor)];
            _idle.RemoveAll(reader => unused.Contains(reader));
            _rented.AddRange(unused);
        }

        // Counted as rented meanwhile, so that no other reader takes their place at their clients.
        foreach (PartitionReader reader in unused)
        {
            reader.Dispose();
        }

        TaskCompletionSource? allReturned;
        lock (_lock)
        {
            _rented.RemoveAll(reader => unused.Contains(reader));
            allReturned = _rented.Count == 0 ? _allReturned : null;
        }

        allReturned?.TrySetResult();
    }

    /// <summary>Refuses further readers, ends the waits of those in use and closes all when they are back.</summary>
    public async ValueTask CloseAsync()
    {
        Task allReturned;
        lock (_lock)
        {
            _closed = true;
            _allReturned ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_rented.Count == 0)
            {
                _allReturned.TrySetResult();
            }

            foreach (PartitionReader reader in _rented)
            {
                reader.Wake();
            }

            allReturned = _allReturned.Task;
        }

        await allReturned.ConfigureAwait(false);
        CloseIdle(TimeSpan.Zero);
    }

    public void ThrowIfClosed()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(KafkaLog));
        }
    }

    private PartitionReader Take(long offset)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(KafkaLog));
            int index = _idle.FindIndex(reader => reader.IsAt(offset));
            if (index < 0 && _idle.Count >= MostIdle)
            {
                index = 0;
            }

            PartitionReader reader;
            if (index >= 0)
            {
                reader = _idle[index];
                _idle.RemoveAt(index);
            }
            else
            {
                reader = new PartitionReader(clients, FreeNumber(), topic, partition);
            }

            _rented.Add(reader);
            return reader;
        }
    }

    private int FreeNumber()
    {
        int number = 0;
        while (_idle.Exists(reader => reader.Number == number) || _rented.Exists(reader => reader.Number == number))
        {
            number++;
        }

        return number;
    }
}
