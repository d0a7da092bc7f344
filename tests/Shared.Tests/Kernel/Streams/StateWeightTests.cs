using Lambda.Aggregation;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Views.Operators;
using Lambda.Views.Plans;
using Lambda.Views.Tables;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Kernel.Streams;

/// <summary>What bounds memory has to know what accumulators keep: counted as a few numbers each, epochs of sketches and sets grew to many times their budget.</summary>
public class StateWeightTests
{
    private const int Keys = 10;
    private const int Values = 3000;

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, Action<GroupedViewBuilder<Reading, int>>> Kinds = new()
    {
        ["sketch"] = view => view.Aggregate(a => new { Different = a.ApproxCountDistinct(r => r.Amount) }),
        ["set of numbers"] = view => view.Aggregate(a => new { Different = a.CountDistinct(r => r.Amount) }),
        ["set of texts"] = view => view.Aggregate(a => new { Different = a.CollectSet(r => r.Unit, 5000) }),
        ["user's"] = view => view.Aggregate(a => new { All = a.Custom(new Kept(), r => r.Amount) }),
    };

    // What the values take at least: registers of a byte each, longs, texts of four characters.
    [Theory]
    [InlineData("sketch", Keys * (1 << 14))]
    [InlineData("set of numbers", Keys * Values * sizeof(long))]
    [InlineData("set of texts", Keys * Values * 4 * sizeof(char))]
    [InlineData("user's", Keys * Values * sizeof(long))]
    public void A_table_tells_what_its_accumulators_keep_until_it_is_emptied(string kind, long least)
    {
        StringDictionary dictionary = new();
        StreamOperator kernel = Fill(Kinds[kind], dictionary);
        PartialTable table = kernel.Views[0].Table;

        Assert.InRange(table.ByteCount, least, least * 8);

        kernel.Reset(new StringDictionary());
        Assert.True(table.ByteCount < least / 4, $"{table.ByteCount} bytes are left");
    }

    private static StreamOperator Fill(Action<GroupedViewBuilder<Reading, int>> aggregate, StringDictionary dictionary)
    {
        StreamBuilder<Reading> stream = new StreamBuilder<Reading>("readings").EventTime(r => r.Time).EventId(r => r.Id);
        aggregate(stream.View("kept").GroupBy(r => r.Count).Window(Tumbling.Every(TimeSpan.FromHours(1))));
        StreamPlan plan = new(Catalog.Build([stream]).Streams[0]);
        EventBatch batch = new(plan.ViewProjection, dictionary);
        for (int i = 0; i < Keys * Values; i++)
        {
            BatchFilling.Add(batch, new Reading($"{i}", Start) { Count = i % Keys, Amount = i, Unit = $"{i / Keys:D4}" }, 0, i, plan.Stream.EventTime);
        }

        StreamOperator kernel = new(plan, dictionary);
        RowSelection rows = new();
        rows.SelectAll(batch.Count);
        kernel.Process(batch, rows, default);
        return kernel;
    }

    /// <summary>Keeps all values, as bytes.</summary>
    private sealed class Kept : IAggregator<long, List<long>, int>
    {
        public string Signature => "kept";

        public IReadOnlyList<StateColumn> StateColumns => [new("", ColumnType.Bytes)];

        public List<long> CreateAccumulator() => [];

        public void Add(ref List<long> accumulator, long value) => accumulator.Add(value);

        public void Merge(ref List<long> accumulator, in List<long> other) => accumulator.AddRange(other);

        public int GetResult(in List<long> accumulator) => accumulator.Count;

        public void Write(in List<long> accumulator, StateWriter writer) =>
            writer.WriteBytes([.. accumulator.Order().SelectMany(BitConverter.GetBytes)]);

        public List<long> Read(StateReader reader) =>
            [.. reader.ReadBytes().ToArray().Chunk(sizeof(long)).Select(bytes => BitConverter.ToInt64(bytes))];
    }
}
