using System.Globalization;
using DuckDB.NET.Native;
using Lambda.Bench.Workloads;
using Lambda.Log;

namespace Lambda.Bench.Batch;

/// <summary>How events are told apart.</summary>
internal enum IdForm
{
    /// <summary>By numbers that rise with event time, as workload J has them: <c>f00000002a</c>.</summary>
    Rising,

    /// <summary>By texts whose order says nothing of their age, such as <c>99999-1</c> and <c>100000-0</c>.</summary>
    Unordered,
}

/// <summary>The flights of the workloads as JSON records, a few days of them at a time in order of event time: never many in memory.</summary>
internal static class FlightRecords
{
    /// <summary>How many days the flights are of; a copy of them is as many days later.</summary>
    private const int Days = 181;
    private const int DaysPerPiece = 5;

    /// <summary>Few, as new events are taken by whole batches, and are to be one percent of 3 M as well.</summary>
    private const int RecordsPerBatch = 2_048;
    private const int BytesPerBatch = 1 << 20;

    /// <summary>All flights of some copies, ids and days differing; a batch is valid until the next one.</summary>
    /// <param name="ids">How they are told apart.</param>
    /// <param name="firstCopy">The first copy, from zero.</param>
    /// <param name="copies">How many.</param>
    /// <param name="earlier">How many copies lie before the days of the source.</param>
    public static IEnumerable<RecordBatch> Read(IdForm ids, int firstCopy, int copies, int earlier)
    {
        long number = firstCopy * Count();
        for (int copy = firstCopy; copy < firstCopy + copies; copy++)
        {
            for (int day = 0; day < Days; day += DaysPerPiece)
            {
                string id = ids == IdForm.Rising
                    ? string.Create(CultureInfo.InvariantCulture, $"printf('f%09x', {number} + row_number() OVER (ORDER BY date))")
                    : string.Create(CultureInfo.InvariantCulture, $"file_row_number || '-{copy}'");
                foreach (RecordBatch batch in Read(id, Days * (copy - earlier), day, Math.Min(DaysPerPiece, Days - day)))
                {
                    number += batch.Count;
                    yield return batch;
                }
            }
        }
    }

    /// <summary>How many flights a copy has.</summary>
    private static long Count()
    {
        long count = 0;
        using Peer peer = new();
        peer.Read($"SELECT date FROM read_parquet('{FlightsData.Source()}')", (_, _, rows) => count += rows);
        return count;
    }

    private static IEnumerable<RecordBatch> Read(string id, int later, int day, int days)
    {
        string sql = string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            SELECT origin, '{"id":"' || {{id}} || '","date":"' || strftime(date + INTERVAL ({{later}}) DAY, '%Y-%m-%dT%H:%M:%S')
                || 'Z","delay":' || delay || ',"distance":' || distance || ',"origin":"' || origin || '","destination":"' || destination || '"}'
            FROM read_parquet('{{FlightsData.Source()}}', file_row_number = true)
            WHERE date >= TIMESTAMP '2001-01-01' + INTERVAL {{day}} DAY AND date < TIMESTAMP '2001-01-01' + INTERVAL {{day + days}} DAY
            ORDER BY date
            """);
        List<RecordBatch> batches = [];
        using Peer peer = new();
        peer.Read(sql, (_, chunk, rows) =>
        {
            if (batches.Count == 0 || batches[^1].Count + rows > RecordsPerBatch)
            {
                batches.Add(new RecordBatch(RecordsPerBatch, BytesPerBatch));
            }

            Add(batches[^1], chunk, rows);
        });
        foreach (RecordBatch batch in batches)
        {
            using RecordBatch given = batch;
            yield return given;
        }
    }

    private static unsafe void Add(RecordBatch batch, DuckDBDataChunk chunk, int rows)
    {
        byte* keys = (byte*)NativeMethods.Vectors.DuckDBVectorGetData(NativeMethods.DataChunks.DuckDBDataChunkGetVector(chunk, 0));
        byte* values = (byte*)NativeMethods.Vectors.DuckDBVectorGetData(NativeMethods.DataChunks.DuckDBDataChunkGetVector(chunk, 1));
        for (int row = 0; row < rows; row++)
        {
            batch.Add(Text(keys, row), Text(values, row));
        }
    }

    /// <summary>A text of a vector: sixteen bytes, of which the first four are its length; up to twelve bytes stand behind that, more where the last eight point.</summary>
    private static unsafe ReadOnlySpan<byte> Text(byte* texts, int row)
    {
        byte* text = texts + (16 * row);
        int length = *(int*)text;
        return length <= 12 ? new ReadOnlySpan<byte>(text + 4, length) : new ReadOnlySpan<byte>(*(byte**)(text + 8), length);
    }
}
