using DuckDB.NET.Data;

namespace Lambda.Batch.Audit.Data;

/// <summary>A DuckDB that answers questions of one audit after another. Each has a database in memory of its own, of which the next one finds nothing.</summary>
internal sealed class AuditEngine : IDisposable
{
    /// <summary>Of 30 million values that DuckDB has to tell apart most are spilled, which takes no longer: sorting out the rest in a larger table misses the caches more.</summary>
    private const string MemoryLimit = "256MB";

    private readonly string _spill = Path.Combine(Path.GetTempPath(), $"lambda-audit-{Guid.NewGuid():N}");

    private AuditEngine()
    {
    }

    /// <summary>What statements of the audit are run on.</summary>
    public DuckDBConnection Connection { get; } = new(ParquetFiles.ConnectionString);

    /// <summary>Whether it has spilled to its folder, which DuckDB makes when it first needs it, and not again when somebody cleans up there.</summary>
    public bool HasSpilled => Directory.Exists(_spill);

    /// <summary>Opens one.</summary>
    public static async Task<AuditEngine> OpenAsync(CancellationToken cancellationToken)
    {
        AuditEngine engine = new();
        try
        {
            await engine.Connection.OpenAsync(cancellationToken).ConfigureAwait(false);

            // Results depend on no order, and keeping it costs memory. What does not fit is spilled to where temporary files belong; without a limit nothing
            // is before most of the machine's memory is full.
            await engine.ExecuteAsync(
                $"""
                SET memory_limit = '{MemoryLimit}'; SET preserve_insertion_order = false; SET TimeZone = 'UTC';
                SET temp_directory = {ParquetFiles.Text(engine._spill)}
                """,
                cancellationToken).ConfigureAwait(false);
            return engine;
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    /// <summary>Begins an audit: makes its database, with an empty schema <c>audit</c>.</summary>
    /// <exception cref="DuckDBException">The engine is broken.</exception>
    public Task BeginAsync(CancellationToken cancellationToken) =>
        ExecuteAsync("ATTACH ':memory:' AS audited; USE audited; CREATE SCHEMA audited.audit", cancellationToken);

    /// <summary>Ends an audit: forgets its database.</summary>
    /// <exception cref="DuckDBException">The engine is broken.</exception>
    public Task EndAsync() => ExecuteAsync("USE memory; DETACH audited", CancellationToken.None);

    public void Dispose()
    {
        Connection.Dispose();
        if (Directory.Exists(_spill))
        {
            Directory.Delete(_spill, recursive: true);
        }
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using DuckDBCommand command = Connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
