namespace Lambda.Log;

/// <summary>
/// The ordered input of the platform: named streams cut into partitions, each a sequence of records with 64-bit offsets that only grow.
/// </summary>
/// <remarks>
/// What every implementation promises:
/// <list type="bullet">
/// <item>An append that has completed survives a crash of the process and of the machine.</item>
/// <item>The records of one append that go to the same partition keep their order; a partition is the same for every reader.</item>
/// <item>A reader never sees a record that a crash could still take away.</item>
/// <item>A record's append time is stored with it: every reader sees the same one, whenever and from wherever it reads. In the embedded log they never decrease
/// within a partition; where brokers give them, they step back when a broker's clock does.</item>
/// </list>
/// All members are safe to call from several threads at once.
/// </remarks>
public interface IEventLog : IAsyncDisposable
{
    /// <summary>Creates the stream when it does not exist and returns its number of partitions, which never falls.</summary>
    /// <param name="stream">The stream's name.</param>
    /// <param name="partitions">The number of partitions of a stream that is created; at least 1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The number of partitions the stream has, which differs from <paramref name="partitions"/> when it existed before.</returns>
    ValueTask<int> EnsureStreamAsync(string stream, int partitions, CancellationToken cancellationToken);

    /// <summary>
    /// The number of partitions that a stream has now. It is what <see cref="EnsureStreamAsync"/> returned, but where another program may add to them, as
    /// administrators of Kafka can. Those that were added can be read like the others; this log appends to them once it is opened anew. May be some seconds old.
    /// </summary>
    /// <exception cref="EventLogException">The stream is unknown, or the log does not answer.</exception>
    ValueTask<int> CountPartitionsAsync(string stream, CancellationToken cancellationToken);

    /// <summary>Appends records; completes when all of them are durable.</summary>
    /// <param name="stream">A stream that <see cref="EnsureStreamAsync"/> has seen.</param>
    /// <param name="records">Keys and values; not to be changed before the call completes.</param>
    /// <param name="cancellationToken">Ends the wait; the records may be appended all the same.</param>
    /// <exception cref="RecordTooLargeException">A record is too large.</exception>
    /// <exception cref="EventLogException">The stream is unknown, or the log cannot be written.</exception>
    ValueTask AppendAsync(string stream, RecordBatch records, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the content of <paramref name="destination"/> by the records from <paramref name="offset"/> on, up to its limits.
    /// Completes at once, with an empty batch, when no record with that or a higher offset is there yet.
    /// </summary>
    /// <exception cref="OffsetTrimmedException">Records from <paramref name="offset"/> on have been removed by retention.</exception>
    /// <exception cref="EventLogException">The stream or partition is unknown, or the log is damaged at that place.</exception>
    ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken);

    /// <summary>Completes when a record with <paramref name="offset"/> or a higher one can be read.</summary>
    ValueTask WaitAsync(string stream, int partition, long offset, CancellationToken cancellationToken);

    /// <summary>The offsets that can be read now.</summary>
    ValueTask<OffsetRange> GetOffsetsAsync(string stream, int partition, CancellationToken cancellationToken);

    /// <summary>The first offset whose record was appended at <paramref name="time"/> or later; the end of the partition when there is none.</summary>
    ValueTask<long> FindOffsetAsync(string stream, int partition, DateTimeOffset time, CancellationToken cancellationToken);

    /// <summary>Removes records below <paramref name="before"/>. An implementation may keep some of them.</summary>
    ValueTask TrimAsync(string stream, int partition, long before, CancellationToken cancellationToken);
}
