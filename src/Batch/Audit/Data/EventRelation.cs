using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using DuckDB.NET.Data;
using Lambda.Batch.Archive;
using Lambda.Batch.History;
using Lambda.Log;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Batch.Audit.Data;

/// <summary>A stream's archived events as the relation <c>events</c> of a DuckDB in memory.</summary>
internal sealed class EventRelation : IAsyncDisposable
{
    /// <summary>Enough for 30 million values that have to be unique, which are spilled in part.</summary>
    private const string MemoryLimit = "512MB";

    private readonly DuckDBConnection _duck = new("DataSource=:memory:");
    private readonly string _spill = Path.Combine(Path.GetTempPath(), $"lambda-audit-{Guid.NewGuid():N}");
    private LocalFiles? _files;

    private EventRelation()
    {
    }

    /// <summary>Opens the relation of all events in files.</summary>
    public static Task<EventRelation> OpenAsync(StreamDefinition stream, LocalFiles files, CancellationToken cancellationToken) =>
        OpenAsync(stream, files, rows: null, cancellationToken);

    /// <summary>Opens the relation of events that count: below the boundary, without those that were removed.</summary>
    public static async Task<EventRelation> OpenAsync(AuditSubject subject, CancellationToken cancellationToken) => await OpenAsync(
        subject.Stream.Definition,
        await subject.Archive.OpenFilesAsync(cancellationToken).ConfigureAwait(false),
        new CountedRows(
            subject.Boundary.Covers(subject.Archive.End) ? null : subject.Boundary,
            subject.Removed),
        cancellationToken).ConfigureAwait(false);

    /// <summary>Opens the relation without a row, on which SQL can be tried.</summary>
    public static Task<EventRelation> OpenEmptyAsync(StreamDefinition stream, CancellationToken cancellationToken) =>
        OpenAsync(stream, files: null, rows: null, cancellationToken);

    /// <summary>The condition of rows at or above a boundary.</summary>
    public static string AtOrAbove(Boundary boundary) => $"_offset >= {OffsetOf(boundary)}";

    /// <summary>The condition of rows below a boundary.</summary>
    public static string Below(Boundary boundary) => $"_offset < {OffsetOf(boundary)}";

    /// <summary>Runs a statement.</summary>
    /// <exception cref="DuckDBException">It is wrong, or fails on the data.</exception>
    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using DbCommand command = _duck.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All rows of a query; null stands for SQL's.</summary>
    /// <exception cref="DuckDBException">It is wrong, or fails on the data.</exception>
    public async Task<IReadOnlyList<object?[]>> QueryAsync(string sql, CancellationToken cancellationToken)
    {
        List<object?[]> rows = [];
        await foreach (DbDataReader reader in ReadAsync(sql, cancellationToken).ConfigureAwait(false))
        {
            object?[] row = new object?[reader.FieldCount];
            for (int i = 0; i < row.Length; i++)
            {
                row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            }

            rows.Add(row);
        }

        return rows;
    }

    /// <summary>The rows of a query as they come; the reader given is the same each time, on its next row.</summary>
    /// <exception cref="DuckDBException">It is wrong, or fails on the data.</exception>
    public async IAsyncEnumerable<DbDataReader> ReadAsync(string sql, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using DuckDBCommand command = _duck.CreateCommand();
        command.UseStreamingMode = true;
        command.CommandText = sql;
        await using DbDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return reader;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _duck.DisposeAsync().ConfigureAwait(false);
        _files?.Dispose();
        if (Directory.Exists(_spill))
        {
            Directory.Delete(_spill, recursive: true);
        }
    }

    private static async Task<EventRelation> OpenAsync(StreamDefinition stream, LocalFiles? files, CountedRows? rows, CancellationToken cancellationToken)
    {
        EventRelation relation = new() { _files = files };
        try
        {
            await relation._duck.OpenAsync(cancellationToken).ConfigureAwait(false);

            // Results depend on no order, and keeping it costs memory. What does not fit is spilled to where temporary files belong; without a limit nothing
            // is before most of the machine's memory is full.
            await relation.ExecuteAsync(
                $"""
                SET memory_limit = '{MemoryLimit}'; SET preserve_insertion_order = false; SET TimeZone = 'UTC';
                SET temp_directory = {ParquetFiles.Text(relation._spill)}; CREATE SCHEMA audit
                """,
                cancellationToken).ConfigureAwait(false);
            await relation.CreateAsync(stream, files?.Paths ?? [], rows, cancellationToken).ConfigureAwait(false);
            return relation;
        }
        catch
        {
            await relation.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task CreateAsync(StreamDefinition stream, IReadOnlyList<string> files, CountedRows? rows, CancellationToken cancellationToken)
    {
        // Files from before a member was added have no column of it, and perhaps all are.
        string columns = string.Join(
            ", ",
            ((IEnumerable<string>)[
                Nothing(HistorySchema.Partition.Name, "INTEGER"), Nothing(HistorySchema.Offset.Name, "BIGINT"),
                Nothing(HistorySchema.AppendedAt.Name, "TIMESTAMPTZ"), Nothing(HistorySchema.Extra.Name, "VARCHAR"),
            ]).Concat(stream.Schema.Members.Select(member => Nothing(member.JsonName, ColumnSql.TypeOf(member)))));
        string source = files.Count == 0
            ? $"(SELECT {columns} WHERE false)"
            : $"(SELECT * FROM {ParquetFiles.Table(files)} UNION ALL BY NAME SELECT {columns} WHERE false)";
        string removed = "";
        if (rows is { Removed.Count: > 0 })
        {
            await ExecuteAsync("CREATE TABLE audit.removed (partition INTEGER, position BIGINT)", cancellationToken).ConfigureAwait(false);
            Append(rows.Removed);
            removed = "ANTI JOIN audit.removed AS removed ON source._partition = removed.partition AND source._offset = removed.position ";
        }

        string below = rows?.Below is { } boundary ? $"WHERE source.{Below(boundary)}" : "";
        await ExecuteAsync($"CREATE VIEW events AS SELECT source.* FROM {source} AS source {removed}{below}", cancellationToken).ConfigureAwait(false);
    }

    private void Append(IReadOnlyList<LogPosition> positions)
    {
        using DuckDBAppender appender = _duck.CreateAppender("audit", "removed");
        foreach (LogPosition position in positions)
        {
            appender.CreateRow().AppendValue(position.Partition).AppendValue(position.Offset).EndRow();
        }
    }

    private static string Nothing(string name, string type) => $"NULL::{type} AS {ParquetFiles.Name(name)}";

    private static string OffsetOf(Boundary boundary) => boundary.Offsets.Distinct().Count() == 1
        ? Text($"{boundary[0]}")
        : $"list_extract([{string.Join(", ", boundary.Offsets.Select(offset => Text($"{offset}")))}]::BIGINT[], _partition + 1)";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <param name="Below">Only rows below it; null when all are.</param>
    /// <param name="Removed">Rows that do not count.</param>
    private sealed record CountedRows(Boundary? Below, IReadOnlyList<LogPosition> Removed);
}
