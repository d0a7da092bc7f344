using System.Diagnostics;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Views.Plans;

namespace Lambda.Bench;

/// <summary>JSON records in memory → decode → windows, on one thread, without a log or a store.</summary>
internal static class KernelBenchmark
{
    public static void Run(int copies, int rounds)
    {
        List<RecordBatch> batches = FlightFile.ReadRecords(copies);
        long records = batches.Sum(batch => (long)batch.Count);
        long bytes = batches.Sum(batch => (long)batch.ByteCount);
        StreamPlan plan = new(Flight.Stream(1));
        for (int round = 0; round < rounds; round++)
        {
            PartitionPipeline pipeline = new(plan, 0, new PartitionClaim(1, 0, 0, null));

            // The second time everything is late, which makes partials of its own; from the third time on nothing is new.
            RunOnce(pipeline, batches);
            RunOnce(pipeline, batches);
            long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
            long started = Stopwatch.GetTimestamp();
            RunOnce(pipeline, batches);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            double allocated = (double)(GC.GetAllocatedBytesForCurrentThread() - allocatedBefore) / records;
            Console.WriteLine(
                $"kernel: {records / seconds / 1e3,8:F0} k events/s, {bytes / seconds / 1e6,6:F0} MB/s, {seconds * 1e9 / records,5:F0} ns/event, "
                + $"{allocated:F3} B allocated/event");
        }
    }

    private static void RunOnce(PartitionPipeline pipeline, List<RecordBatch> batches)
    {
        foreach (RecordBatch batch in batches)
        {
            pipeline.Process(batch);
        }
    }
}
