using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.SideTables;
using Lambda.Batch.History.Storage;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Batch.Archive;

/// <summary>A stream's archive in three Delta tables, or four once something was deleted. Safe for use by several threads at once; calls that write wait for one another.</summary>
internal sealed class HistoryArchive : IStreamArchive
{
    private readonly IObjectStorage _storage;
    private readonly HistoryTable _events;
    private readonly QuarantineTable _quarantine;
    private readonly VoidTable _voids;
    private readonly int _partitions;
    private readonly TimeProvider _time;

    /// <summary>Held while a table is read or written: tables are for one caller at a time.</summary>
    private readonly SemaphoreSlim _turn = new(1, 1);

    private HistoryArchive(
        IObjectStorage storage, HistoryTable events, QuarantineTable quarantine, VoidTable voids, int partitions, TimeProvider time)
    {
        _storage = storage;
        _events = events;
        _quarantine = quarantine;
        _voids = voids;
        _partitions = partitions;
        _time = time;
    }

    /// <summary>Opens the tables of a stream; creates those that are missing.</summary>
    /// <param name="storage">Where they lie.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="starts">Per partition of the stream the offset that a new archive begins at; an older one keeps its own.</param>
    /// <param name="time">Stamps commits.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HistoryException">The history there does not fit the stream, or is damaged.</exception>
    public static async Task<HistoryArchive> OpenAsync(
        IObjectStorage storage, StreamDefinition stream, Boundary starts, TimeProvider time, CancellationToken cancellationToken) => new(
            storage,
            await HistoryTable.OpenAsync(storage, stream.Name, stream.Schema, stream.EventTime, starts, time, cancellationToken).ConfigureAwait(false),
            await QuarantineTable.OpenAsync(storage, stream.Name, time, cancellationToken).ConfigureAwait(false),
            await VoidTable.OpenAsync(storage, stream.Name, time, cancellationToken).ConfigureAwait(false),
            starts.Partitions,
            time);

    public ValueTask<ArchiveEnds> RefreshAsync(CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            HistorySnapshot snapshot = await _events.RefreshAsync(cancellationToken).ConfigureAwait(false);
            await _quarantine.RefreshAsync(cancellationToken).ConfigureAwait(false);
            await _voids.RefreshAsync(cancellationToken).ConfigureAwait(false);
            Boundary starts = snapshot.Starts(_partitions);
            return new ArchiveEnds(snapshot.EndOffsets(_partitions), Ends(_quarantine.EndOffset), Ends(_voids.EndOf));

            Boundary Ends(Func<int, long?> end) =>
                new(Enumerable.Range(0, _partitions).Select(partition => end(partition) ?? starts[partition]));
        },
        cancellationToken);

    public async ValueTask AppendAsync(
        IReadOnlyList<DecodedRun> events, IReadOnlyDictionary<int, OffsetRange> ranges, CancellationToken cancellationToken) => await InTurnAsync(
            () => _events.AppendAsync([.. events.Where(run => run.Events.Count > 0).Select(Convert)], ranges, cancellationToken),
            cancellationToken).ConfigureAwait(false);

    public async ValueTask AppendQuarantineAsync(
        IReadOnlyList<QuarantinedRecord> records, IReadOnlyDictionary<int, OffsetRange> ranges, CancellationToken cancellationToken) =>
        await InTurnAsync(() => _quarantine.AppendAsync(records, ranges, cancellationToken), cancellationToken).ConfigureAwait(false);

    public async ValueTask AddToQuarantineAsync(IReadOnlyList<QuarantinedRecord> records, CancellationToken cancellationToken) => await InTurnAsync(
        async () =>
        {
            IReadOnlyList<QuarantinedRecord> missing;
            do
            {
                missing = await FindMissingAsync(records, cancellationToken).ConfigureAwait(false);
            }
            while (missing.Count > 0 && !await _quarantine.TryAddAsync(missing, cancellationToken).ConfigureAwait(false));
            return missing.Count;
        },
        cancellationToken).ConfigureAwait(false);

    public async ValueTask AppendVoidsAsync(
        IReadOnlyList<LogVoid> voids, IReadOnlyDictionary<int, OffsetRange> ranges, CancellationToken cancellationToken) =>
        await InTurnAsync(() => _voids.AppendAsync(voids, ranges, cancellationToken), cancellationToken).ConfigureAwait(false);

    public ValueTask<IArchiveSnapshot> PinAsync(CancellationToken cancellationToken) =>
        PinAsync(() => _events.RefreshAsync(cancellationToken), cancellationToken);

    public ValueTask<IArchiveSnapshot> PinAsync(long version, CancellationToken cancellationToken) => PinAsync(
        async () =>
        {
            HistorySnapshot newest = await _events.RefreshAsync(cancellationToken).ConfigureAwait(false);
            return newest.Version == version ? newest : await _events.ReadVersionAsync(version, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public void Dispose() => _turn.Dispose();

    private ValueTask<IArchiveSnapshot> PinAsync(Func<Task<HistorySnapshot>> pinEvents, CancellationToken cancellationToken) => InTurnAsync<IArchiveSnapshot>(
        async () =>
        {
            HistorySnapshot events = await pinEvents().ConfigureAwait(false);
            HistoryDeletion? deletion = HistoryDeletion.Find(events.Table, _events.Stream, _partitions);
            SideTables beside = new(
                _storage,
                _events.Stream,
                token => InTurnAsync(() => _quarantine.RefreshAsync(token), token),
                token => InTurnAsync(() => _voids.RefreshAsync(token), token),
                deletion is null ? null : ReadDeletionsAsync);
            return new ArchiveSnapshot(_storage, _events, events, beside, deletion, _partitions);
        },
        cancellationToken);

    private async ValueTask<DeltaSnapshot> ReadDeletionsAsync(CancellationToken cancellationToken) =>
        await DeletionTable.FindAsync(_storage, _events.Stream, _time, cancellationToken).ConfigureAwait(false)
        ?? throw new HistoryException(
            $"The Delta table '{_storage.Describe(HistoryLayout.DeletionsOf(_events.Stream))}' is gone, which tells what was deleted from the history. Restore it from a copy.");

    /// <summary>The records of some that the newest version of the quarantine does not have.</summary>
    private async Task<IReadOnlyList<QuarantinedRecord>> FindMissingAsync(IReadOnlyList<QuarantinedRecord> records, CancellationToken cancellationToken)
    {
        HashSet<LogPosition> known = [];
        await foreach (LogPosition position in SideTables.ReadPositionsAsync(
            _storage, _events.Stream, await _quarantine.RefreshAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false))
        {
            known.Add(position);
        }

        return [.. records.Where(record => !known.Contains(new LogPosition(record.Partition, record.Offset)))];
    }

    private static HistoryBatch Convert(DecodedRun run)
    {
        if (run.Unknown.AreNone(run.Events.Count))
        {
            return new HistoryBatch(run.Events);
        }

        TextColumn extra = HistoryBatch.CreateExtra();
        extra.EnsureCapacity(run.Events.Count);
        for (int row = 0; row < run.Events.Count; row++)
        {
            ReadOnlySpan<byte> unknown = run.Unknown[row];
            extra.Nulls![row] = unknown.IsEmpty;
            extra.Set(row, unknown);
        }

        return new HistoryBatch(run.Events, extra);
    }

    private async ValueTask<T> InTurnAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await action().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }
}
