using System.Diagnostics;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Views;
using Lambda.Views.Operators;
using Lambda.Views.Plans;

namespace Lambda.Bench.Workloads;

/// <summary>
/// What code of users costs: workload T over three million events that are in memory as columns, on one thread, with one of its parts at a time
/// exchanged for a function or an aggregator of a user. Turn by turn, over windows that are all there already.
/// </summary>
internal static class UdfBenchmark
{
    public static void Run(int rounds)
    {
        StreamBuilder<FlightRow> flights = new StreamBuilder<FlightRow>("flights").EventTime(f => f.Date);
        foreach (UdfVariant variant in UdfVariant.All)
        {
            variant.Declare(flights.View(variant.View));
        }

        StreamDefinition stream = Catalog.Build([flights]).Streams[0];
        StringDictionary dictionary = new();
        List<EventBatch> batches = FlightColumns.Read(new StreamPlan(stream), dictionary);
        long events = batches.Sum(batch => (long)batch.Count);
        List<Measured> variants =
        [
            .. UdfVariant.All.Select(variant => new Measured(
                variant, new StreamOperator(new StreamPlan(stream.With([stream.Views.Single(view => view.Name == variant.View)])), dictionary))),
        ];

        // The first rounds make the windows, and let the runtime compile hot code again.
        for (int round = -3; round < rounds; round++)
        {
            foreach (Measured variant in variants)
            {
                (double Seconds, long Allocated) run = variant.RunOnce(batches);
                if (round >= 0)
                {
                    variant.Runs.Add(run);
                }
            }
        }

        Measured builtIn = variants.Single(variant => variant.Variant == UdfVariant.BuiltIn);
        foreach (Measured variant in variants)
        {
            if (variant.Windows != builtIn.Windows)
            {
                throw new InvalidOperationException($"With {variant.Variant.What} there are {variant.Windows} windows, without {builtIn.Windows}.");
            }

            Console.WriteLine(
                $"udf: {variant.Variant.What,-38} {variant.Seconds * 1e9 / events,6:F1} ns/event, ratio {variant.RatioTo(builtIn),5:F2}, "
                + $"{(double)variant.Allocated / events,6:F2} B allocated/event");
        }
    }

    private sealed class Measured(UdfVariant variant, StreamOperator windows)
    {
        private readonly RowSelection _rows = new();

        public UdfVariant Variant { get; } = variant;

        public List<(double Seconds, long Allocated)> Runs { get; } = [];

        public int Windows => windows.Views[0].Table.Count;

        /// <summary>The median of the runs.</summary>
        public double Seconds => Runs.Select(run => run.Seconds).Order().ElementAt(Runs.Count / 2);

        /// <summary>The median of the runs.</summary>
        public long Allocated => Runs.Select(run => run.Allocated).Order().ElementAt(Runs.Count / 2);

        /// <summary>How many times as long as another took it in the same round: the median of the rounds, most of which share what else the machine did.</summary>
        public double RatioTo(Measured other) =>
            Runs.Zip(other.Runs, (ours, theirs) => ours.Seconds / theirs.Seconds).Order().ElementAt(Runs.Count / 2);

        public (double Seconds, long Allocated) RunOnce(List<EventBatch> batches)
        {
            long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
            long started = Stopwatch.GetTimestamp();
            foreach (EventBatch batch in batches)
            {
                _rows.SelectAll(batch.Count);
                windows.Process(batch, _rows, []);
            }

            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            return (seconds, GC.GetAllocatedBytesForCurrentThread() - allocatedBefore);
        }
    }
}
