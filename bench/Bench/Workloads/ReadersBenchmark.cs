using Lambda.Batch.Scan;
using Lambda.Events;
using Lambda.Views;
using Parquet;
using Parquet.Schema;

namespace Lambda.Bench.Workloads;

/// <summary>
/// Reads all five columns of the flights on one thread, by each library, turn by turn, into the form from which a kernel could go on. Told is the time of
/// the processor, which other work on the machine changes less than that on the clock.
/// </summary>
internal static class ReadersBenchmark
{
    public static async Task RunAsync(int rounds)
    {
        string file = FlightsData.Provide(millions: 30);
        (string Name, Func<Task<long>> Read)[] readers =
        [
            ("pages read here; strings as ids (the scan)", () => Task.FromResult(ReadByScan(file))),
            ("ParquetSharp, Arrow arrays; strings as dictionaries", () => ReadByArrowAsync(file)),
            ("Parquet.Net, arrays; strings as memory of chars", () => ReadByParquetNetAsync(file)),
            ("DuckDB, chunks; strings as pointers", () => Task.FromResult(ReadByDuckDb(file))),
        ];
        Dictionary<string, List<double>> seconds = readers.ToDictionary(reader => reader.Name, _ => new List<double>());
        for (int round = -1; round < rounds; round++)
        {
            foreach ((string name, Func<Task<long>> read) in readers)
            {
                TimeSpan before = Environment.CpuUsage.TotalTime;
                long rows = await read();
                if (round >= 0)
                {
                    seconds[name].Add((Environment.CpuUsage.TotalTime - before).TotalSeconds / rows);
                }
            }
        }

        foreach ((string name, List<double> perRow) in seconds)
        {
            double median = perRow.Order().ElementAt(rounds / 2);
            Console.WriteLine($"{name,-58} {1 / median / 1e6,6:F1} M rows per second of CPU  {median * 1e9,6:F1} ns/row");
        }
    }

    private static long ReadByScan(string path)
    {
        StreamDefinition stream = Workload.All[0].Stream();
        Projection everything = Projection.Of(stream.Schema, stream.Schema.Members);
        ScanPlan plan = ScanPlan.Of([path], stream, everything, StatisticsUse.Trust);
        using ScanFile file = ScanFile.Open(path, stream);
        using ScanReader reader = new(new EventBatch(everything, new StringDictionary()), stream.EventTime);
        reader.Bind(file);
        long rows = 0;
        foreach (RowGroup group in plan.RowGroups)
        {
            reader.Open(group);
            while (reader.ReadNext(new RowRefusals()))
            {
                rows += reader.Rows.Count;
            }
        }

        return rows;
    }

    private static async Task<long> ReadByArrowAsync(string path)
    {
        using ParquetSharp.Arrow.ArrowReaderProperties properties = ParquetSharp.Arrow.ArrowReaderProperties.GetDefault();
        properties.UseThreads = false;
        properties.SetReadDictionary(3, true);
        properties.SetReadDictionary(4, true);
        using ParquetSharp.Arrow.FileReader reader = new(path, null, properties);
        using Apache.Arrow.Ipc.IArrowArrayStream stream = reader.GetRecordBatchReader();
        long rows = 0;
        while (await stream.ReadNextRecordBatchAsync() is { } batch)
        {
            rows += batch.Length;
            batch.Dispose();
        }

        return rows;
    }

    private static async Task<long> ReadByParquetNetAsync(string path)
    {
        await using ParquetReader reader = await ParquetReader.CreateAsync(path);
        DataField[] fields = reader.Schema.GetDataFields();
        DateTime?[] times = [];
        long?[] numbers = [];
        ReadOnlyMemory<char>?[] texts = [];
        long rows = 0;
        for (int i = 0; i < reader.RowGroupCount; i++)
        {
            using ParquetRowGroupReader group = reader.OpenRowGroupReader(i);
            int count = (int)group.RowCount;
            if (times.Length < count)
            {
                times = new DateTime?[count];
                numbers = new long?[count];
                texts = new ReadOnlyMemory<char>?[count];
            }

            await group.ReadAsync<DateTime>(fields[0], times.AsMemory(0, count));
            await group.ReadAsync<long>(fields[1], numbers.AsMemory(0, count));
            await group.ReadAsync<long>(fields[2], numbers.AsMemory(0, count));
            await group.ReadAsync<ReadOnlyMemory<char>>(fields[3], texts.AsMemory(0, count));
            await group.ReadAsync<ReadOnlyMemory<char>>(fields[4], texts.AsMemory(0, count));
            rows += count;
        }

        return rows;
    }

    private static long ReadByDuckDb(string path)
    {
        using Peer peer = new();
        peer.Execute("SET threads = 1");
        long rows = 0;
        peer.Read($"SELECT date, delay, distance, origin, destination FROM read_parquet('{path}')", (_, _, count) => rows += count);
        return rows;
    }
}
