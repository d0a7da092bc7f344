using System.Text;
using DuckDB.NET.Data;
using Lambda.Log;
using Lambda.Time;

namespace Lambda.Bench;

/// <summary>The sample's flights, as JSON records in order of arrival.</summary>
internal static class FlightFile
{
    private const int RecordsPerBatch = 4096;

    /// <summary>When the records are said to have been appended: long after their events, so that none lies in the future.</summary>
    private static readonly long AppendedAt = UtcMicroseconds.FromDateTime(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));

    /// <summary>The bundled Parquet file, found from the folder of the program upwards.</summary>
    public static string Path { get; } = Find();

    /// <summary>All flights, repeated with other ids, each copy two weeks after the one before, in batches as a log would give them.</summary>
    public static List<RecordBatch> ReadRecords(int copies)
    {
        List<RecordBatch> batches = [];
        long offset = 0;
        for (int copy = 0; copy < copies; copy++)
        {
            AddRecords(copy, "", batches, ref offset);
        }

        return batches;
    }

    /// <summary>One of the copies, in order of date: no flight of it is late.</summary>
    public static List<RecordBatch> ReadRecordsByDate(int copy)
    {
        List<RecordBatch> batches = [];
        long offset = 0;
        AddRecords(copy, "ORDER BY date, id", batches, ref offset);
        return batches;
    }

    private static void AddRecords(int copy, string order, List<RecordBatch> batches, ref long offset)
    {
        using DuckDBConnection connection = new("DataSource=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $$"""
            SELECT format('{"id":"{}-{{copy}}","date":"{}Z","delay":{},"distance":{},"origin":"{}","destination":"{}"}',
                id, strftime(date + INTERVAL {{14 * copy}} DAY, '%Y-%m-%dT%H:%M:%S'), delay, distance, origin, destination), origin
            FROM read_parquet('{{Path}}')
            {{order}}
            """.Replace("format('{\"", "format('{{\"", StringComparison.Ordinal)
            .Replace("\"{}\"}'", "\"{}\"}}'", StringComparison.Ordinal);
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            if (batches.Count == 0 || batches[^1].Count == RecordsPerBatch)
            {
                batches.Add(new RecordBatch(RecordsPerBatch));
            }

            batches[^1].Add(offset++, AppendedAt, Encoding.UTF8.GetBytes(reader.GetString(1)), Encoding.UTF8.GetBytes(reader.GetString(0)));
        }
    }

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = System.IO.Path.Combine(folder.FullName, "samples", "Flights", "data", "flights-2001-01.parquet");
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException("samples/Flights/data/flights-2001-01.parquet is not above the program's folder. Run it in the repository.");
    }
}
