using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Expressions;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Operators;
using Lambda.Views.Plans;
using Xunit;

namespace Lambda.Tests.Kernel.Streams;

public sealed class AllocationTests
{
    private const int Batches = 20;

    [Fact]
    public void A_warm_decoder_and_operator_allocate_nothing_per_record()
    {
        // Some views cost something per batch, so a batch of many records must cost what a batch of few costs. Less than a byte per
        // further record is not an object per record; the runtime itself allocates a little now and then while it compiles what has become hot.
        Run(1000, out _);
        long few = Run(100, out int fewRecords);
        long many = Run(1000, out int manyRecords);

        Assert.Equal(10 * fewRecords, manyRecords);
        Assert.True(many - few < manyRecords - fewRecords, $"{few} bytes for {fewRecords} records, {many} bytes for {manyRecords}");
    }

    private static long Run(int batchSize, out int records)
    {
        // The views that call functions make strings and event objects; those that count keep every event until it is exported.
        StreamPlan plan = new(Without(ReadingViews.Declared(TimeSpan.FromMinutes(1)), "functions", "steps"));
        List<RandomRecord> log = [.. new RandomReadings(7).Next(1, 1200)[0].Where(record => record.Expected.Event is not null).Take(1000)];
        StringDictionary dictionary = new();
        EventBatch batch = new(plan.ViewProjection, dictionary);
        StreamOperator kernel = new(plan, dictionary);
        JsonEventDecoder decoder = new(DecodeRules.Of(plan.Stream), plan.ViewProjection);
        WatermarkTracker watermark = new(0, null);
        RowSelection rows = new();
        long[] watermarks = new long[batchSize];
        long before = 0;
        int warmBatches = 3 * log.Count / batchSize;
        records = 0;
        for (int number = 0; number < warmBatches + Batches; number++)
        {
            if (number == warmBatches)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
                records = 0;
            }

            batch.Clear();
            for (int i = 0; i < batchSize; i++)
            {
                RandomRecord record = log[((number * batchSize) + i) % log.Count];
                decoder.Decode(record.Json, 0, i, record.AppendedAt, batch);
            }

            watermark.Advance(batch.EventTimes.AsSpan(0, batch.Count), watermarks);
            rows.SelectAll(batch.Count);
            kernel.Process(batch, rows, watermarks.AsSpan(0, batch.Count));
            records += batch.Count;
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static StreamDefinition Without(StreamDefinition stream, params string[] views) => new()
    {
        Name = stream.Name,
        Schema = stream.Schema,
        EventTime = stream.EventTime,
        EventId = stream.EventId,
        PartitionKey = stream.PartitionKey,
        Partitions = stream.Partitions,
        OutOfOrderness = stream.OutOfOrderness,
        IdleAfter = stream.IdleAfter,
        MaxFutureSkew = stream.MaxFutureSkew,
        RowChecks = [],
        DataChecks = [],
        Views = [.. stream.Views.Where(view => !views.Contains(view.Name))],
    };
}
