using System.Globalization;
using Lambda.Batch.Scan;

namespace Lambda.Batch.Tests.Scan;

/// <summary>What the rows of the random files are.</summary>
internal sealed record Sale(DateTime At, string? Shop, string Clerk, int? Till, long? Amount, double Weight);

/// <summary>Files with random rows, and how they are to be computed; all follows from the seed.</summary>
internal sealed class RandomFiles
{
    private readonly Dictionary<(string File, int RowGroup), long> _firstRows = [];

    public RandomFiles(string folder, int seed)
    {
        Random random = new(seed);
        int count = random.Next(1, 4);
        Workers = random.Next(1, 5);
        Statistics = random.Next(4) == 0 ? StatisticsUse.Ignore : StatisticsUse.Trust;
        List<string> paths = [];
        for (int file = 0; file < count; file++)
        {
            string path = Path.Combine(folder, $"sales-{file}.parquet");
            int rows = random.Next(1, 30_000);

            // Seconds that rows are out of order by; the last of these mixes all of the file.
            int disorder = new[] { 0, 60, 3600, 1_000_000 }[random.Next(4)];
            int firstSecond = random.Next(0, 50_000);

            // So many that a table over all pairs of texts would be too large, or few.
            int clerks = random.Next(3) == 0 ? 3000 : 5;
            double nullShare = random.Next(2) * 0.02;
            Duck.Query(string.Create(
                CultureInfo.InvariantCulture,
                $"""
                COPY (
                    SELECT CASE WHEN h(1) >= {nullShare} THEN TIMESTAMP '1970-01-01' + INTERVAL ({firstSecond} + i * 2) SECOND END AS "at",
                        CASE WHEN h(2) >= {nullShare} THEN 'shop ' || (h(3) * 9)::INT END AS shop,
                        'clerk ' || (h(10) * {clerks})::INT AS clerk,
                        CASE WHEN h(4) >= {nullShare} THEN (h(5) * 3)::INT END AS till,
                        CASE WHEN h(6) >= {nullShare} THEN (h(7) * 200)::BIGINT - 100 END AS amount,
                        (h(8) * 1000)::INT / 8 AS weight
                    FROM range({rows}) r(i) ORDER BY i + (h(9) * {disorder / 2.0})::INT
                ) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE {random.Next(1, 8) * 2048})
                """).Replace("h(", $"h({seed * 31 + file}, i, ", StringComparison.Ordinal), HashMacro);
            paths.Add(path);
        }

        Paths = [.. paths.OrderBy(_ => random.Next())];
        foreach (object?[] group in Duck.Query(
            $"SELECT DISTINCT file_name, row_group_id, row_group_num_rows FROM parquet_metadata({Duck.List(Paths)}) ORDER BY ALL"))
        {
            int id = Convert.ToInt32(group[1], CultureInfo.InvariantCulture);
            _firstRows[((string)group[0]!, id + 1)] = _firstRows.GetValueOrDefault(((string)group[0]!, id)) + (long)group[2]!;
        }
    }

    public IReadOnlyList<string> Paths { get; }

    public int Workers { get; }

    public StatisticsUse Statistics { get; }

    /// <summary>All rows that have an event time, in SQL.</summary>
    public string Rows => $"(SELECT * FROM read_parquet({Duck.List(Paths)}) WHERE \"at\" IS NOT NULL)";

    /// <summary>How many rows of a file come before a row group.</summary>
    public long FirstRow(string file, int rowGroup) => _firstRows.GetValueOrDefault((file, rowGroup));

    /// <summary>A number from 0 to 1 that follows from a seed, a place and a purpose.</summary>
    private const string HashMacro = "CREATE MACRO h(seed, place, purpose) AS (hash(seed::BIGINT * 1000003 + place * 101 + purpose) % 1000000) / 1000000.0";
}
