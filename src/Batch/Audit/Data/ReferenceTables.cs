using System.Globalization;
using DuckDB.NET.Data;
using Lambda.Batch.Archive;
using Lambda.Batch.History;
using Lambda.Events;
using Lambda.Quality;

namespace Lambda.Batch.Audit.Data;

/// <summary>Loads the values that references point at into tables of their own, each once.</summary>
internal sealed class ReferenceTables(PinStream pin)
{
    /// <summary>Makes a table of the values.</summary>
    /// <exception cref="CheckException">They cannot be read.</exception>
    public async Task<ReferenceTable> LoadAsync(EventRelation relation, ReferenceCheck check, int number, CancellationToken cancellationToken)
    {
        string table = string.Create(CultureInfo.InvariantCulture, $"audit.reference_{number}");
        try
        {
            switch (check.Values)
            {
                case ReferencedFile file:
                    await CreateAsync(relation, table, Source(file, Locate(file.File)), Value(check.Member, file), cancellationToken).ConfigureAwait(false);
                    break;
                case ReferencedStream stream:
                    IArchiveSnapshot snapshot = await pin(stream.Stream, cancellationToken).ConfigureAwait(false);
                    using (LocalFiles files = await snapshot.OpenFilesAsync(cancellationToken).ConfigureAwait(false))
                    {
                        string none = $"SELECT NULL::{ColumnSql.TypeOf(Root(stream.Member))} AS {ParquetFiles.Name(Root(stream.Member).JsonName)} WHERE false";
                        await CreateAsync(
                            relation,
                            table,
                            files.Paths.Count == 0 ? $"({none})" : $"(SELECT * FROM {ParquetFiles.Table(files.Paths)} UNION ALL BY NAME {none})",
                            ColumnSql.Comparable(stream.Member),
                            cancellationToken).ConfigureAwait(false);
                    }

                    break;
                default:
                    throw new InvalidOperationException($"Reference {check.Values} is not known to the audit.");
            }

            return new ReferenceTable(table, await FingerprintAsync(relation, table, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception error) when (error is DuckDBException or IOException or HistoryException)
        {
            throw new CheckException($"{check.Values.Name} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Where a file is: beside the program, its source, or in the current folder.</summary>
    /// <exception cref="CheckException">It is nowhere.</exception>
    public static string Locate(string file)
    {
        string? besideSource = AppContext.GetData("EntryPointFileDirectoryPath") as string;
        string[] candidates =
        [
            .. ((string?[])[AppContext.BaseDirectory, besideSource, Environment.CurrentDirectory])
                .OfType<string>().Select(folder => Path.GetFullPath(Path.Combine(folder, file))).Distinct(),
        ];
        return candidates.FirstOrDefault(File.Exists)
            ?? throw new CheckException($"There is no file '{file}'. It was looked for at: {string.Join(", ", candidates)}.");
    }

    /// <summary>Their number, and two sums over hashes of them: of others, that all three are the same has a chance of about one in 2^64.</summary>
    private static async Task<string> FingerprintAsync(EventRelation relation, string table, CancellationToken cancellationToken) => (string)(await relation
        .QueryTableAsync(
            $"SELECT concat_ws(' ', count(*), coalesce(sum(hash(value)::HUGEINT), 0), coalesce(bit_xor(hash(value)), 0)) FROM {table}", cancellationToken)
        .ConfigureAwait(false))[0][0]!;

    private static Task CreateAsync(EventRelation relation, string table, string source, string value, CancellationToken cancellationToken) =>
        relation.ExecuteAsync(
            $"CREATE TABLE {table} AS SELECT DISTINCT value FROM (SELECT {value} AS value FROM {source}) WHERE value IS NOT NULL", cancellationToken);

    // As text, so that "007" stays what it is where a member is a string.
    private static string Source(ReferencedFile file, string path) => file.IsParquet
        ? $"read_parquet({ParquetFiles.File(path)})"
        : $"read_csv({ParquetFiles.File(path)}, header = true, all_varchar = true)";

    /// <summary>The column in the type of the member; what is none of its values is nobody's.</summary>
    private static string Value(EventMember member, ReferencedFile file)
    {
        string cast = $"TRY_CAST({ParquetFiles.Name(file.Column)} AS {ColumnSql.TypeOf(member)})";
        return ColumnSql.Comparable(member, cast);
    }

    private static EventMember Root(EventMember member) => member.Ancestry.First();
}

/// <summary>A table of referenced values.</summary>
/// <param name="Name">Its name; the values are in a column <c>value</c> without nulls, each once.</param>
/// <param name="Fingerprint">The same for the same values.</param>
internal sealed record ReferenceTable(string Name, string Fingerprint);

/// <summary>Pins a stream's archive.</summary>
internal delegate Task<IArchiveSnapshot> PinStream(string stream, CancellationToken cancellationToken);

/// <summary>A check cannot be applied; the message says why.</summary>
internal sealed class CheckException : Exception
{
    public CheckException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
