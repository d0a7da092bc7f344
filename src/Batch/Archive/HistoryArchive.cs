using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
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
            // Events first: their quarantine and voids were written before them, so a later look at those holds all that belongs to them.
            HistorySnapshot events = await pinEvents().ConfigureAwait(false);
            DeltaSnapshot quarantine = await _quarantine.RefreshAsync(cancellationToken).ConfigureAwait(false);
            DeltaSnapshot voids = await _voids.RefreshAsync(cancellationToken).ConfigureAwait(false);
            HistoryDeletion? deletion = HistoryDeletion.Find(events.Table, _events.Stream, _partitions);
            DeltaSnapshot? deletions = deletion is null
                ? null
                : await DeletionTable.FindAsync(_storage, _events.Stream, _time, cancellationToken).ConfigureAwait(false)
                    ?? throw new HistoryException(
                        $"The Delta table '{_storage.Describe(HistoryLayout.DeletionsOf(_events.Stream))}' is gone, which tells what was deleted from the history. "
                        + "Restore it from a copy.");
            return new Snapshot(this, events, quarantine, voids, deletion, deletions);
        },
        cancellationToken);

    private static HistoryBatch Convert(DecodedRun run)
    {
        TextColumn extra = HistoryBatch.CreateExtra();
        extra.EnsureCapacity(run.Events.Count);
        bool any = false;
        for (int row = 0; row < run.Events.Count; row++)
        {
            ReadOnlySpan<byte> unknown = run.Unknown[row];
            extra.Nulls![row] = unknown.IsEmpty;
            extra.Set(row, unknown);
            any |= !unknown.IsEmpty;
        }

        return new HistoryBatch(run.Events, any ? extra : null);
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

    private sealed class Snapshot : IArchiveSnapshot
    {
        private readonly HistoryArchive _archive;
        private readonly HistorySnapshot _events;
        private readonly DeltaSnapshot _quarantine;
        private readonly DeltaSnapshot _voids;
        private readonly DeltaSnapshot? _deletions;

        public Snapshot(
            HistoryArchive archive,
            HistorySnapshot events,
            DeltaSnapshot quarantine,
            DeltaSnapshot voids,
            HistoryDeletion? deletion,
            DeltaSnapshot? deletions)
        {
            _archive = archive;
            _events = events;
            _quarantine = quarantine;
            _voids = voids;
            _deletions = deletions;
            Deletion = deletion;
            Start = events.Starts(archive._partitions);
            End = events.EndOffsets(archive._partitions);
            Rows = events.Files.GroupBy(DateOf).ToDictionary(
                files => files.Key, files => files.All(file => file.Rows is not null) ? files.Sum(file => file.Rows) : null);
            Dates = [.. Rows.Keys.Order()];
        }

        public long Version => _events.Version;

        public Boundary Start { get; }

        public Boundary End { get; }

        public IReadOnlyList<DateOnly> Dates { get; }

        public HistoryDeletion? Deletion { get; }

        public Task<LocalFiles> OpenFilesAsync(CancellationToken cancellationToken) => OpenFilesAsync(_events.Files, cancellationToken);

        public Task<LocalFiles> OpenFilesAsync(FileSelection selection, CancellationToken cancellationToken) =>
            OpenFilesAsync(FilesOf(selection, FilterOf(selection.Range)), cancellationToken);

        public IReadOnlyDictionary<DateOnly, long?> Rows { get; }

        public IReadOnlyList<DateOnly> DatesFrom(Boundary from)
        {
            RowFilter filter = new(from, new Boundary(Enumerable.Repeat(long.MaxValue, from.Partitions)), EventTimeRange.All);
            return [.. _events.Files.Where(filter.MayTake).Select(DateOf).Distinct().Order()];
        }

        public IAsyncEnumerable<EventBatch> ReadAsync(
            DateOnly date, Projection projection, StringDictionary dictionary, Boundary below, CancellationToken cancellationToken) =>
            ReadAsync(date, projection, dictionary, new ArchiveRange(null, below), cancellationToken);

        public async IAsyncEnumerable<EventBatch> ReadAsync(
            DateOnly date,
            Projection projection,
            StringDictionary dictionary,
            ArchiveRange range,
            [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            using IArchiveReader reader = OpenReader(projection, dictionary, range);
            await foreach (EventBatch rows in reader.ReadAsync(date, cancellationToken).ConfigureAwait(false))
            {
                yield return rows;
            }
        }

        public IArchiveReader OpenReader(Projection projection, StringDictionary dictionary, ArchiveRange range) =>
            Select(new FileSelection(range)).OpenReader(projection, dictionary, RecordFields.All);

        public IArchiveScan Select(FileSelection selection)
        {
            RowFilter filter = FilterOf(selection.Range);
            return new Scan(_archive._events.Scan(FilesOf(selection, filter), filter));
        }

        public async IAsyncEnumerable<LogPosition> ReadQuarantinedPositionsAsync(
            Boundary below, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (DbDataReader row in QueryQuarantineAsync("_partition, _offset", "true", cancellationToken).ConfigureAwait(false))
            {
                LogPosition position = new(row.GetInt32(0), row.GetInt64(1));
                if (position.Offset < below[position.Partition])
                {
                    yield return position;
                }
            }
        }

        public IAsyncEnumerable<LogVoid> ReadVoidsAsync(Boundary below, CancellationToken cancellationToken) =>
            ReadRangesAsync(HistoryLayout.VoidsOf(_archive._events.Stream), _voids, below, cancellationToken);

        public IAsyncEnumerable<LogVoid> ReadDeletionsAsync(Boundary below, CancellationToken cancellationToken) => _deletions is null
            ? AsyncEnumerable.Empty<LogVoid>()
            : ReadRangesAsync(HistoryLayout.DeletionsOf(_archive._events.Stream), _deletions, below, cancellationToken);

        public async IAsyncEnumerable<QuarantinedRecord> ReadQuarantineAsync(
            Boundary from, Boundary below, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            IReadOnlyList<string> ranges =
            [
                .. Enumerable.Range(0, below.Partitions).Where(partition => from[partition] < below[partition]).Select(partition => string.Create(
                    CultureInfo.InvariantCulture, $"(_partition = {partition} AND _offset >= {from[partition]} AND _offset < {below[partition]})")),
            ];
            if (ranges.Count == 0)
            {
                yield break;
            }

            await foreach (DbDataReader row in QueryQuarantineAsync(
                "_partition, _offset, epoch_us(_appended_at), reason, detail, key, value", string.Join(" OR ", ranges), cancellationToken)
                .ConfigureAwait(false))
            {
                yield return new QuarantinedRecord(
                    _archive._events.Stream, row.GetInt32(0), row.GetInt64(1), row.GetInt64(2), Enum.Parse<RejectReason>(row.GetString(3)),
                    row.GetString(4), Bytes(row, 5), Bytes(row, 6));
            }
        }

        private async IAsyncEnumerable<LogVoid> ReadRangesAsync(
            string table, DeltaSnapshot version, Boundary below, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (DbDataReader row in QueryAsync(table, version, "_partition, _offset, end_offset", "true", cancellationToken).ConfigureAwait(false))
            {
                int partition = row.GetInt32(0);
                OffsetRange offsets = new(row.GetInt64(1), Math.Min(row.GetInt64(2), below[partition]));
                if (!offsets.IsEmpty)
                {
                    yield return new LogVoid(partition, offsets);
                }
            }
        }

        private IAsyncEnumerable<DbDataReader> QueryQuarantineAsync(string columns, string condition, CancellationToken cancellationToken) =>
            QueryAsync(HistoryLayout.QuarantineOf(_archive._events.Stream), _quarantine, columns, condition, cancellationToken);

        private async IAsyncEnumerable<DbDataReader> QueryAsync(
            string table, DeltaSnapshot version, string columns, string condition, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            using LocalFiles files = await LocalFiles.OpenAsync(_archive._storage, table, version.Files, cancellationToken).ConfigureAwait(false);
            await foreach (DbDataReader row in ParquetFiles.QueryAsync(columns, files.Paths, condition, cancellationToken).ConfigureAwait(false))
            {
                yield return row;
            }
        }

        private Task<LocalFiles> OpenFilesAsync(IEnumerable<HistoryFile> files, CancellationToken cancellationToken) => LocalFiles.OpenAsync(
            _archive._storage, HistoryLayout.EventsOf(_archive._events.Stream), files.Select(file => file.Action), cancellationToken);

        private static byte[] Bytes(DbDataReader row, int column)
        {
            using Stream stream = row.GetStream(column);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }

        private static RowFilter FilterOf(ArchiveRange range) => new(range.From, range.Below, range.Times);

        private IEnumerable<HistoryFile> FilesOf(FileSelection selection, RowFilter filter) => _events.Files.Where(file =>
            filter.MayTake(file) && selection.Dates?.Contains(DateOf(file)) != false && file.MayHold(selection.Values));

        private static DateOnly DateOf(HistoryFile file) => DateOnly.TryParseExact(
            file.Date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date)
            ? date
            : throw new HistoryException(
                $"File '{file.Action.Path}' of the history has no date: another program has written it. Remove it from the table.");

        private sealed class Scan(HistoryScan scan) : IArchiveScan
        {
            private readonly ILookup<DateOnly, HistoryFile> _files = scan.Files.ToLookup(DateOf);

            public IReadOnlyList<DateOnly> Dates { get; } = [.. scan.Files.Select(DateOf).Distinct().Order()];

            public IArchiveReader OpenReader(Projection projection, StringDictionary dictionary, RecordFields fields) =>
                new Reader(_files, scan.OpenReader(new EventBatch(projection, dictionary), fields));
        }

        private sealed class Reader(ILookup<DateOnly, HistoryFile> files, HistoryReader rows) : IArchiveReader
        {
            public async IAsyncEnumerable<EventBatch> ReadAsync(DateOnly date, [EnumeratorCancellation] CancellationToken cancellationToken)
            {
                foreach (HistoryFile file in files[date])
                {
                    await foreach (EventBatch batch in rows.ReadAsync(file, cancellationToken).ConfigureAwait(false))
                    {
                        yield return batch;
                    }
                }
            }

            public void Dispose() => rows.Dispose();
        }
    }
}
