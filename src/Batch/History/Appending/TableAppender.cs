using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Storage;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.History.Appending;

/// <summary>Appends runs of a stream's offsets to a table, each exactly once whoever else appends to it.</summary>
/// <remarks>For one caller at a time; several instances, in any processes, may append to one table.</remarks>
internal sealed class TableAppender
{
    private readonly DeltaLog _log;
    private readonly TableFiles _files;
    private readonly string _stream;
    private readonly TableSchema _schema;
    private readonly TimeProvider _time;

    private TableAppender(DeltaLog log, TableFiles files, string stream, TableSchema schema, TimeProvider time, DeltaSnapshot current)
    {
        _log = log;
        _files = files;
        _stream = stream;
        _schema = schema;
        _time = time;
        Current = current;
    }

    /// <summary>The newest version that this instance knows.</summary>
    public DeltaSnapshot Current { get; private set; }

    /// <summary>Opens a table; creates it when there is none, and adds columns that the schema has more.</summary>
    /// <param name="storage">Where it lies.</param>
    /// <param name="table">Its folder.</param>
    /// <param name="stream">The stream whose runs it takes.</param>
    /// <param name="schema">Its columns.</param>
    /// <param name="starts">Per partition the offset that a new table begins at, which is noted in it; null where every partition begins at 0.</param>
    /// <param name="time">Stamps commits.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HistoryException">The table there does not fit the schema, or cannot be written by this version.</exception>
    public static async Task<TableAppender> OpenAsync(
        IObjectStorage storage,
        string table,
        string stream,
        TableSchema schema,
        Boundary? starts,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        DeltaLog log = new(storage, table, time);
        DeltaSnapshot? snapshot = await log.FindLatestAsync(cancellationToken).ConfigureAwait(false)
            ?? await log.TryCreateAsync(NewMetadata(stream, schema, starts, time), cancellationToken).ConfigureAwait(false);
        while (true)
        {
            // Someone else has created or changed the table meanwhile.
            snapshot ??= await log.FindLatestAsync(cancellationToken).ConfigureAwait(false)
                ?? throw new HistoryException($"The Delta table '{log.Name}' went away while it was being opened. Try again.");
            ProtocolSupport.EnsureWritable(snapshot);
            if (PlanOf(snapshot, schema) is not { } larger)
            {
                return new TableAppender(log, new TableFiles(storage, table, time), stream, schema, time, snapshot);
            }

            DeltaMetadata metadata = snapshot.Metadata with { SchemaString = larger.ToDeltaJson() };
            snapshot = await log.TryCommitAsync(snapshot, [metadata], "ADD COLUMNS", cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Looks for commits of others.</summary>
    public async Task<DeltaSnapshot> RefreshAsync(CancellationToken cancellationToken) =>
        Current = await _log.RefreshAsync(Current, cancellationToken).ConfigureAwait(false);

    /// <summary>An older version of the table.</summary>
    public Task<DeltaSnapshot> ReadVersionAsync(long version, CancellationToken cancellationToken) => _log.ReadAsync(version, cancellationToken);

    /// <summary>The table as it was at some point of its past.</summary>
    public Task<DeltaSnapshot> ReadAsync(HistoryPoint point, CancellationToken cancellationToken) => _log.ReadAsync(point, cancellationToken);

    /// <summary>Appends the partitions of a run that the table lacks, in one commit.</summary>
    public async Task<AppendResult> AppendAsync(
        IRunRows run, IReadOnlyDictionary<int, OffsetRange> ranges, CancellationToken cancellationToken)
    {
        SortedSet<int>? written = null;
        List<AddFile> files = [];
        long rows = 0;
        while (true)
        {
            await RefreshAsync(cancellationToken).ConfigureAwait(false);
            EnsureStillFits();
            SortedSet<int> pending = RunPlan.Pending(Current.Transactions, _stream, ranges, _log.Name);
            if (written is not null && (!pending.SetEquals(written) || !_files.AreFresh(files)))
            {
                await _files.DeleteUnusedAsync(files, Current, cancellationToken).ConfigureAwait(false);
                written = null;
            }

            if (pending.Count == 0)
            {
                return new AppendResult(Current.Version, 0, 0, 0);
            }

            if (written is null)
            {
                (files, rows) = await WriteFilesAsync(run, pending, cancellationToken).ConfigureAwait(false);
                written = pending;
            }

            DeltaAction[] actions = [.. TransactionsOf(pending, ranges), .. files];
            if (await _log.TryCommitAsync(Current, actions, "WRITE", cancellationToken).ConfigureAwait(false) is { } committed)
            {
                Current = committed;
                return new AppendResult(committed.Version, rows, files.Count, files.Sum(file => file.Size));
            }
        }
    }

    /// <summary>Appends rows that belong to no run of offsets, in one commit; once more each time it is called.</summary>
    public async Task AppendAsync(IRunRows rows, IReadOnlySet<int> partitions, CancellationToken cancellationToken)
    {
        (List<AddFile> files, _) = await WriteFilesAsync(rows, partitions, cancellationToken).ConfigureAwait(false);
        do
        {
            await RefreshAsync(cancellationToken).ConfigureAwait(false);
            EnsureStillFits();
            if (files.TrueForAll(file => Current.Knows(file.Path)))
            {
                // The storage's answer to an earlier attempt got lost.
                return;
            }
        }
        while (await _log.TryCommitAsync(Current, files, "WRITE", cancellationToken).ConfigureAwait(false) is null);
    }

    /// <summary>Appends rows that belong to no run of offsets, onto the newest version that is known here.</summary>
    /// <returns>Whether they were appended. If not, another version may be there, and it may have them if the storage's answer got lost.</returns>
    public async Task<bool> TryAppendAsync(IRunRows rows, IReadOnlySet<int> partitions, CancellationToken cancellationToken)
    {
        EnsureStillFits();
        (List<AddFile> files, _) = await WriteFilesAsync(rows, partitions, cancellationToken).ConfigureAwait(false);
        if (_files.AreFresh(files) && await _log.TryCommitAsync(Current, files, "WRITE", cancellationToken).ConfigureAwait(false) is { } committed)
        {
            Current = committed;
            return true;
        }

        await _files.DeleteUnusedAsync(files, await RefreshAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        return false;
    }

    private static DeltaMetadata NewMetadata(string stream, TableSchema schema, Boundary? starts, TimeProvider time)
    {
        Dictionary<string, string> settings = new(StringComparer.Ordinal) { ["lambda.stream"] = stream };
        if (starts is not null)
        {
            settings.Add(StartOffsets.Setting, StartOffsets.Write(starts));
        }

        return new DeltaMetadata(
            Guid.NewGuid().ToString(), schema.ToDeltaJson(), [TableSchema.DateColumn], settings, time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    private static TableSchema? PlanOf(DeltaSnapshot snapshot, TableSchema schema)
    {
        if (!snapshot.Metadata.PartitionColumns.SequenceEqual([TableSchema.DateColumn]))
        {
            throw new HistoryException(
                $"The Delta table '{snapshot.Table}' is partitioned by [{string.Join(", ", snapshot.Metadata.PartitionColumns)}] instead of "
                + $"{TableSchema.DateColumn}: it is no history. Give the history another folder.");
        }

        return SchemaEvolution.Plan(TableSchema.Parse(snapshot.Metadata.SchemaString, snapshot.Table), schema, snapshot.Table);
    }

    private IEnumerable<AppTransaction> TransactionsOf(SortedSet<int> partitions, IReadOnlyDictionary<int, OffsetRange> ranges) =>
        partitions.Select(partition => new AppTransaction(
            RunPlan.AppId(_stream, partition), ranges[partition].End, _time.GetUtcNow().ToUnixTimeMilliseconds()));

    /// <summary>A column that someone else has added is null in these files; anything else they changed would make the files wrong.</summary>
    private void EnsureStillFits()
    {
        TableSchema stored = TableSchema.Parse(Current.Metadata.SchemaString, _log.Name);
        if (_schema.Fields.FirstOrDefault(field => stored.Find(field.Name)?.Covers(field) != true) is { } changed)
        {
            throw new HistoryException(
                $"Column {changed} of the history '{_log.Name}' was changed by another writer. Nothing was written; restart with the "
                + "event type that the other writer has.");
        }
    }

    private async Task<(List<AddFile> Files, long Rows)> WriteFilesAsync(
        IRunRows run, IReadOnlySet<int> partitions, CancellationToken cancellationToken)
    {
        RowKey[] rows = run.Select(partitions);
        using DataFileWriter writer = new(run.Fields, run.CreateEncoders());
        List<AddFile> files = [];
        for (int start = 0; start < rows.Length;)
        {
            int end = EndOfDay(rows, start);
            files.Add(await WriteFileAsync(writer, rows.AsMemory(start, end - start), run, cancellationToken).ConfigureAwait(false));
            start = end;
        }

        return (files, rows.Length);
    }

    private async Task<AddFile> WriteFileAsync(DataFileWriter writer, ReadOnlyMemory<RowKey> rows, IRunRows run, CancellationToken cancellationToken)
    {
        string date = EventDate.Format(rows.Span[0].Time);
        FileOffsets offsets = FileOffsets.Of(rows.Span, run.PositionOf);
        return await _files.WriteAsync(writer.Write(rows), date, offsets, dataChange: true, cancellationToken).ConfigureAwait(false);
    }

    private static int EndOfDay(RowKey[] rows, int start)
    {
        long nextDay = EventDate.EndOfDay(rows[start].Time);
        int end = start + 1;
        while (end < rows.Length && rows[end].Time < nextDay)
        {
            end++;
        }

        return end;
    }
}
