using System.Text.Json;
using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Expressions;
using Lambda.Log;
using Lambda.Views.Operators;
using Lambda.Views.Plans;

namespace Lambda.Bench;

/// <summary>
/// JSON records in memory, in order of date → columns → hourly windows by origin, on one thread, against a loop that does nothing but read all tokens of the same
/// bytes with <see cref="Utf8JsonReader"/>, turn by turn. Also without the scanner, which is how records are decoded that are out of the ordinary. Told is the
/// time of the processor, which other work on the machine changes less than that on the clock; ratios are the medians of those within a round.
/// </summary>
internal static class JsonBenchmark
{
    public static void Run(int copies, int rounds)
    {
        List<RecordBatch> batches = [.. Enumerable.Range(0, copies).SelectMany(FlightFile.ReadRecordsByDate)];
        long records = batches.Sum(batch => (long)batch.Count);
        long bytes = batches.Sum(batch => (long)batch.ByteCount);
        StreamPlan plan = new(Flight.Stream(1));
        StringDictionary dictionary = new();
        DecodeRules rules = DecodeRules.Of(plan.Stream);
        JsonEventDecoder decoder = new(rules, plan.ViewProjection);
        JsonEventDecoder fullDecoder = JsonEventDecoder.InFull(rules, plan.ViewProjection);
        EventBatch events = new(plan.ViewProjection, dictionary);
        StreamOperator windows = new(plan, dictionary);
        List<RejectedRecord> rejected = [];
        RowSelection rows = new();
        Work[] works =
        [
            new("Utf8JsonReader, all tokens", () => CountTokens(batches)),
            new("decoded in full", () => Decode(fullDecoder, null)),
            new("decoded to columns", () => Decode(decoder, null)),
            new("decoded and in windows", () => Decode(decoder, windows)),
        ];

        // The first rounds warm up: the runtime compiles hot code again, and the accumulators of all windows are made.
        for (int round = -3; round < rounds; round++)
        {
            foreach (Work work in works)
            {
                work.RunOnce(isMeasured: round >= 0);
            }
        }

        foreach (Work work in works)
        {
            Console.WriteLine(
                $"json: {work.Name,-26} {records / work.Seconds / 1e6,6:F2} M events/s, {bytes / work.Seconds / 1e6,6:F0} MB/s, "
                + $"{work.Seconds * 1e9 / records,4:F0} ns/event, reader's time / this {work.Ratio(works[0]),5:F2}, {work.Allocated / records:F3} B allocated/event");
        }

        long Decode(JsonEventDecoder decoder, StreamOperator? windows)
        {
            long count = 0;
            foreach (RecordBatch batch in batches)
            {
                events.Clear();
                decoder.Decode(batch, 0, events, rejected);
                if (windows is not null)
                {
                    rows.SelectAll(events.Count);
                    windows.Process(events, rows, []);
                }

                count += events.Count;
            }

            return count == records ? count : throw new InvalidOperationException($"{rejected.Count} records were refused: {rejected[0].Refusal}");
        }
    }

    private static long CountTokens(List<RecordBatch> batches)
    {
        long tokens = 0;
        foreach (RecordBatch batch in batches)
        {
            for (int i = 0; i < batch.Count; i++)
            {
                Utf8JsonReader reader = new(batch.Value(i));
                while (reader.Read())
                {
                    tokens++;
                }
            }
        }

        return tokens;
    }

    private sealed class Work(string name, Func<long> run)
    {
        private readonly List<double> _seconds = [];

        public string Name { get; } = name;

        /// <summary>The median of the measured runs.</summary>
        public double Seconds => _seconds.Order().ElementAt(_seconds.Count / 2);

        /// <summary>How many times as long another takes, in the median of the rounds.</summary>
        public double Ratio(Work other) => other._seconds.Zip(_seconds, (theirs, mine) => theirs / mine).Order().ElementAt(_seconds.Count / 2);

        /// <summary>The bytes that the last run allocated.</summary>
        public double Allocated { get; private set; }

        public void RunOnce(bool isMeasured)
        {
            long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
            TimeSpan before = Environment.CpuUsage.TotalTime;
            run();
            double seconds = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
            Allocated = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
            if (isMeasured)
            {
                _seconds.Add(seconds);
            }
        }
    }
}
