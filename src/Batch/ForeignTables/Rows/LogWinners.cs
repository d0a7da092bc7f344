using DuckDB.NET.Data;

namespace Lambda.Batch.ForeignTables.Rows;

/// <summary>
/// Finds the change of each row that counts, by statements that spill. The table <c>changes</c> has all: file group, number in the order of changes, key, whether it deletes, whether it is a
/// deletion without a record, whether it is one that takes back all that was before it whatever that was ordered by, and what it is ordered by.
/// </summary>
internal static class LogWinners
{
    /// <summary>Makes the table of changes.</summary>
    /// <param name="duck">DuckDB.</param>
    /// <param name="ordering">The type of what changes are ordered by; null when they are by their numbers.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static Task CreateChangesAsync(DuckDBConnection duck, string? ordering, CancellationToken cancellationToken) => DuckDb.ExecuteAsync(
        duck,
        $"CREATE TEMP TABLE changes (slice INTEGER, number BIGINT, key VARCHAR, deletes BOOLEAN, bare BOOLEAN, resets BOOLEAN, ordering {ordering ?? "BIGINT"})",
        cancellationToken);

    /// <summary>Makes a table <c>winners</c> with one change of each row, in the columns of <c>changes</c>.</summary>
    /// <remarks>
    /// By an order: the highest value wins, the later one of equals. A deletion without a value takes back all before it, and is followed by the first record behind it, whatever the value of that;
    /// bare deletions in between say nothing new.
    /// </remarks>
    public static Task ChooseAsync(DuckDBConnection duck, bool isOrdered, CancellationToken cancellationToken) => DuckDb.ExecuteAsync(
        duck,
        isOrdered
            ? """
              CREATE TEMP TABLE resets AS SELECT slice, key, max(number) AS number FROM changes WHERE resets GROUP BY slice, key;
              CREATE TEMP TABLE firsts AS SELECT c.slice, c.key, min(c.number) AS number
                  FROM changes c JOIN resets r ON r.slice = c.slice AND r.key = c.key WHERE c.number > r.number AND NOT c.bare GROUP BY c.slice, c.key;
              CREATE TEMP TABLE candidates AS SELECT c.slice, c.key, c.number, c.ordering
                  FROM changes c LEFT JOIN resets r ON r.slice = c.slice AND r.key = c.key LEFT JOIN firsts f ON f.slice = c.slice AND f.key = c.key
                  WHERE r.number IS NULL OR c.number >= f.number OR (f.number IS NULL AND c.number = r.number);
              CREATE TEMP TABLE highest AS SELECT slice, key, max(ordering) AS ordering FROM candidates GROUP BY slice, key;
              CREATE TEMP TABLE latest AS SELECT max(c.number) AS number
                  FROM candidates c JOIN highest h ON h.slice = c.slice AND h.key = c.key WHERE c.ordering IS NOT DISTINCT FROM h.ordering GROUP BY c.slice, c.key;
              CREATE TEMP TABLE winners AS SELECT c.* FROM changes c JOIN latest l ON l.number = c.number;
              DROP TABLE resets; DROP TABLE firsts; DROP TABLE candidates; DROP TABLE highest; DROP TABLE latest
              """
            : """
              CREATE TEMP TABLE latest AS SELECT max(number) AS number FROM changes GROUP BY slice, key;
              CREATE TEMP TABLE winners AS SELECT c.* FROM changes c JOIN latest l ON l.number = c.number;
              DROP TABLE latest
              """,
        cancellationToken);
}
