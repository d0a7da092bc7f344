namespace Lambda.Log.Kafka.Reading;

/// <summary>Reads one partition of a stream for any number of callers.</summary>
internal sealed class PartitionSource(string stream, string topic, int partition, KafkaOffsets offsets, PartitionReaders readers, KafkaOptions options, TimeProvider time)
{
    // How long a reader may have nothing to say, though it has not reached the end, before the brokers are asked where that is.
    private static readonly TimeSpan FirstDoubt = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestDoubt = TimeSpan.FromSeconds(2);

    // This process has been told that records below this offset exist. Only grows.
    private long _known;

    public PartitionReaders Readers { get; } = readers;

    /// <summary>Takes note that records below <paramref name="end"/> exist: reads do not stop short of it from now on.</summary>
    public void Tell(long end)
    {
        long known = Volatile.Read(ref _known);
        while (end > known)
        {
            long seen = Interlocked.CompareExchange(ref _known, end, known);
            if (seen == known)
            {
                return;
            }

            known = seen;
        }
    }

    public async ValueTask<OffsetRange> OffsetsAsync(CancellationToken cancellationToken)
    {
        OffsetRange range = await offsets.RangeAsync(stream, topic, partition, cancellationToken).ConfigureAwait(false);
        Tell(range.End);
        return range;
    }

    /// <inheritdoc cref="IEventLog.ReadAsync"/>
    public ValueTask ReadAsync(long offset, RecordBatch destination, CancellationToken cancellationToken)
    {
        destination.BeginRead(offset);
        PartitionReader reader = Readers.Rent(offset);
        bool keep = false;
        try
        {
            reader.Fill(destination);
            keep = !IsDone(reader, destination);
            return keep ? ReadWhenItArrivesAsync(reader, offset, destination, cancellationToken) : ValueTask.CompletedTask;
        }
        finally
        {
            if (!keep)
            {
                Readers.Return(reader);
            }
        }
    }

    /// <inheritdoc cref="IEventLog.WaitAsync"/>
    public ValueTask WaitAsync(long offset, CancellationToken cancellationToken)
    {
        PartitionReader reader = Readers.Rent(offset);
        bool keep = false;
        try
        {
            keep = !reader.HasRecord(offset);
            return keep ? WaitForRecordAsync(reader, offset, cancellationToken) : ValueTask.CompletedTask;
        }
        finally
        {
            if (!keep)
            {
                Readers.Return(reader);
            }
        }
    }

    private bool IsDone(PartitionReader reader, RecordBatch destination) =>
        destination.Count > 0 || (reader.Failure is null && reader.IsAtEnd(Volatile.Read(ref _known)));

    private async ValueTask ReadWhenItArrivesAsync(PartitionReader reader, long offset, RecordBatch destination, CancellationToken cancellationToken)
    {
        try
        {
            var overdue = new Overdue(time);
            TimeSpan doubt = FirstDoubt;
            while (!IsDone(reader, destination))
            {
                if (reader.Failure is { } failure)
                {
                    if (await IsBeyondEndAsync(reader, failure, offset, cancellationToken).ConfigureAwait(false))
                    {
                        return;
                    }
                }
                else if (!await ArrivesAsync(reader, doubt, cancellationToken).ConfigureAwait(false))
                {
                    long asked = time.GetTimestamp();
                    OffsetRange there = await OffsetsAsync(cancellationToken).ConfigureAwait(false);
                    if (reader.Position >= there.End)
                    {
                        return;
                    }

                    ThrowIfTrimmed(offset, there);
                    ThrowIfTooLong(reader, offset, overdue.Answered(asked));
                    doubt = doubt < LongestDoubt ? doubt * 2 : LongestDoubt;
                }

                reader.Fill(destination);
            }
        }
        finally
        {
            Readers.Return(reader);
        }
    }

    private async ValueTask WaitForRecordAsync(PartitionReader reader, long offset, CancellationToken cancellationToken)
    {
        try
        {
            while (!reader.HasRecord(offset))
            {
                if (reader.Failure is { } failure)
                {
                    if (!failure.IsOutOfRange)
                    {
                        throw Unreadable(reader, failure, offset);
                    }

                    OffsetRange there = await OffsetsAsync(cancellationToken).ConfigureAwait(false);
                    if (offset < there.Start)
                    {
                        // The read that follows says what is gone.
                        reader.Stop();
                        return;
                    }

                    reader.Start(Math.Min(offset, there.End));
                }
                else
                {
                    await reader.ArrivalAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
                    Readers.ThrowIfClosed();
                }
            }
        }
        finally
        {
            Readers.Return(reader);
        }
    }

    /// <summary>Finds out why reading has ended; true when the offset lies behind the last record, and else the reader has been started again.</summary>
    private async ValueTask<bool> IsBeyondEndAsync(PartitionReader reader, KafkaError failure, long offset, CancellationToken cancellationToken)
    {
        if (!failure.IsOutOfRange)
        {
            throw Unreadable(reader, failure, offset);
        }

        reader.Stop();
        OffsetRange there = await OffsetsAsync(cancellationToken).ConfigureAwait(false);
        ThrowIfTrimmed(offset, there);
        if (offset >= there.End)
        {
            return true;
        }

        // The broker that answered was behind another one for a moment.
        reader.Start(offset);
        return false;
    }

    private async ValueTask<bool> ArrivesAsync(PartitionReader reader, TimeSpan within, CancellationToken cancellationToken)
    {
        Task arrival = reader.ArrivalAsync();
        await arrival.WaitAsync(within, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        Readers.ThrowIfClosed();
        return arrival.IsCompleted;
    }

    private void ThrowIfTrimmed(long offset, OffsetRange there)
    {
        if (offset < there.Start)
        {
            throw new OffsetTrimmedException(stream, partition, offset, there.Start);
        }
    }

    private void ThrowIfTooLong(PartitionReader reader, long offset, TimeSpan waited)
    {
        if (waited > options.RequestTimeout)
        {
            string trouble = reader.Trouble is { } last ? $" {last}" : "";

            // Whoever tries again begins anew.
            reader.Stop();
            throw new EventLogException(
                $"Stream '{stream}' (topic '{topic}'), partition {partition}: nothing has been read for {waited.TotalSeconds:F0} s, though the brokers say that there are "
                + $"records from offset {offset} on.{trouble} Check that the partition's leader runs and can be reached.");
        }
    }

    private EventLogException Unreadable(PartitionReader reader, KafkaError failure, long offset)
    {
        // Whoever tries again begins anew.
        reader.Stop();
        return new EventLogException(
            $"Stream '{stream}' (topic '{topic}'), partition {partition}: cannot be read at offset {offset}: {failure} {failure.Remedy}");
    }
}
