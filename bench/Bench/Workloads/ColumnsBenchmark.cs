using System.Diagnostics;
using System.Runtime.InteropServices;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Views.Keys;
using Lambda.Views.Operators;
using Lambda.Views.Plans;
using Lambda.Views.Slices;

namespace Lambda.Bench.Workloads;

/// <summary>
/// Workload T over three million events that are in memory as columns, on one thread: by the operator that both layers run, and by a loop written by hand
/// for this one question over the same columns, with the same tables of keys and slots. Each starts with empty tables in every round.
/// </summary>
internal static class ColumnsBenchmark
{
    private const long Hour = 3_600_000_000;

    public static void Run(int rounds)
    {
        StreamPlan plan = new(Workload.All[0].Stream());
        StringDictionary dictionary = new();
        List<EventBatch> batches = FlightColumns.Read(plan, dictionary);
        long events = batches.Sum(batch => (long)batch.Count);
        List<double> ours = [];
        List<double> byHand = [];
        for (int round = -1; round < rounds; round++)
        {
            (double ourSeconds, long ourWindows) = Timed(() => Operate(plan, dictionary, batches));
            (double handSeconds, long handWindows) = Timed(() => ByHand(plan, batches));
            if (ourWindows != handWindows)
            {
                throw new InvalidOperationException($"The operator has {ourWindows} windows, the loop {handWindows}.");
            }

            if (round >= 0)
            {
                ours.Add(ourSeconds);
                byHand.Add(handSeconds);
            }
        }

        double our = ours.Order().ElementAt(rounds / 2);
        double hand = byHand.Order().ElementAt(rounds / 2);
        Console.WriteLine(
            $"columns: operator {our * 1e9 / events:F1} ns/event, loop by hand {hand * 1e9 / events:F1} ns/event, ratio {our / hand:F2}");
    }

    private static long Operate(StreamPlan plan, StringDictionary dictionary, List<EventBatch> batches)
    {
        StreamOperator kernel = new(plan, dictionary);
        RowSelection rows = new();
        foreach (EventBatch batch in batches)
        {
            rows.SelectAll(batch.Count);
            kernel.Process(batch, rows, []);
        }

        return kernel.Views[0].Table.Count;
    }

    private static long ByHand(StreamPlan plan, List<EventBatch> batches)
    {
        EventSchema schema = plan.Stream.Schema;
        KeyTable keys = new(1);
        SlotTable slots = new();
        Totals[] totals = new Totals[1024];
        foreach (EventBatch batch in batches)
        {
            long[] times = batch.EventTimes;
            long[] delays = ((Column<long>)batch[schema.Find(nameof(FlightRow.Delay))!]!).Values;
            long[] distances = ((Column<long>)batch[schema.Find(nameof(FlightRow.Distance))!]!).Values;
            int[] origins = ((DictionaryColumn)batch[schema.Find(nameof(FlightRow.Origin))!]!).Ids;
            for (int row = 0; row < batch.Count; row++)
            {
                long origin = origins[row];
                int key = keys.FindOrAdd(MemoryMarshal.CreateReadOnlySpan(ref origin, 1));
                int slot = slots.FindOrAdd(key, times[row] - (times[row] % Hour), missed: 0, events: 1);
                if (slot == totals.Length)
                {
                    Array.Resize(ref totals, slot * 2);
                }

                ref Totals total = ref totals[slot];
                long delay = delays[row];
                total.Least = total.Count == 0 ? delay : Math.Min(total.Least, delay);
                total.Greatest = total.Count == 0 ? delay : Math.Max(total.Greatest, delay);
                total.Count++;
                total.Delay += delay;
                total.Distance += distances[row];
            }
        }

        return slots.Count;
    }

    private static (double Seconds, long Windows) Timed(Func<long> run)
    {
        long started = Stopwatch.GetTimestamp();
        long windows = run();
        return (Stopwatch.GetElapsedTime(started).TotalSeconds, windows);
    }

    private struct Totals
    {
        public long Count;
        public long Delay;
        public long Distance;
        public long Least;
        public long Greatest;
    }
}
