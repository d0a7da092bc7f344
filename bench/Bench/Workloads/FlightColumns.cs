using Lambda.Batch.Scan;
using Lambda.Events;
using Lambda.Views.Plans;

namespace Lambda.Bench.Workloads;

/// <summary>Three million flights in memory, as columns.</summary>
internal static class FlightColumns
{
    /// <summary>Reads them, as batches that hold what the plan's views read.</summary>
    public static List<EventBatch> Read(StreamPlan plan, StringDictionary dictionary)
    {
        string path = FlightsData.Provide(millions: 3);
        ScanPlan scan = ScanPlan.Of([path], plan.Stream, plan.ViewProjection, StatisticsUse.Trust);
        List<EventBatch> batches = [];
        using ScanFile file = ScanFile.Open(path, plan.Stream);
        foreach (RowGroup group in scan.RowGroups)
        {
            // A reader fills one batch again and again; to keep all, each chunk is read by a reader of its own, which passes over those before it.
            int chunks = (int)((group.Rows + ScanReader.ChunkRows - 1) / ScanReader.ChunkRows);
            for (int chunk = 0; chunk < chunks; chunk++)
            {
                EventBatch batch = new(plan.ViewProjection, dictionary);
                using ScanReader reader = new(batch, plan.Stream.EventTime);
                reader.Bind(file);
                reader.Open(group);
                for (int i = 0; i <= chunk; i++)
                {
                    reader.ReadNext(new RowRefusals());
                }

                batches.Add(batch);
            }
        }

        return batches;
    }
}
