using System.Net;
using System.Text.Json;
using Lambda.Aggregation;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Serving.Tests.Running;
using Lambda.Store;
using Lambda.Windows;

namespace Lambda.Serving.Tests.Api;

public class AggregatorErrorTests
{
    [Theory]
    [InlineData(true, "View 'delays', aggregate 'own': GetResult of its aggregator threw")]
    [InlineData(false, "A result of type System.Func`1[System.Int64] cannot be shown")]
    public async Task What_is_wrong_with_an_aggregator_is_answered(bool throws, string reason)
    {
        StreamBuilder<Flight> flights = new StreamBuilder<Flight>(Sample.Stream).EventTime(f => f.Date).PartitionBy(f => f.Origin).Partitions(1);
        flights.View(Sample.View).Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Own = a.Custom(new Unshown(throws), f => f.Delay) });
        await using ServingApp app = await ServingApp.StartAsync(Catalog.Build([flights]));
        await app.Layers.SpeedAsync(EpochEnd.KeepOpen, [Sample.Flight(0, "ATL", 1, 1)]);

        JsonElement problem = await app.GetAsync($"/api/views/{Sample.View}", HttpStatusCode.InternalServerError);

        Assert.StartsWith(reason, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_of_more_digits_than_Parquet_has_is_refused_and_not_cut()
    {
        StreamBuilder<Flight> flights = new StreamBuilder<Flight>(Sample.Stream).EventTime(f => f.Date).PartitionBy(f => f.Origin).Partitions(1);
        flights.View(Sample.View).Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Own = a.Custom(new Widest(), f => f.Delay) });
        await using ServingApp app = await ServingApp.StartAsync(Catalog.Build([flights]));
        await app.Layers.SpeedAsync(EpochEnd.KeepOpen, [Sample.Flight(0, "ATL", 1, 1)]);

        JsonElement problem = await app.GetAsync($"/api/views/{Sample.View}?format=parquet", HttpStatusCode.BadRequest);

        Assert.Contains("more than 38 digits", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains($"{Int128.MaxValue}", (await app.GetAsync($"/api/views/{Sample.View}")).GetRawText(), StringComparison.Ordinal);
    }

    /// <summary>The greatest number of 128 bits, whatever is added.</summary>
    private sealed class Widest : IAggregator<long, long, Int128>
    {
        public string Signature => "widest";

        public IReadOnlyList<StateColumn> StateColumns => [new("", ColumnType.Int64)];

        public long CreateAccumulator() => 0;

        public void Add(ref long accumulator, long value) => accumulator += value;

        public void Merge(ref long accumulator, in long other) => accumulator += other;

        public Int128 GetResult(in long accumulator) => Int128.MaxValue;

        public void Write(in long accumulator, StateWriter writer) => writer.WriteInt64(accumulator);

        public long Read(StateReader reader) => reader.ReadInt64();
    }

    /// <summary>A sum that has no result, or one that JSON has nothing for.</summary>
    private sealed class Unshown(bool throws) : IAggregator<long, long, Func<long>>
    {
        public string Signature => "unshown";

        public IReadOnlyList<StateColumn> StateColumns => [new("", ColumnType.Int64)];

        public long CreateAccumulator() => 0;

        public void Add(ref long accumulator, long value) => accumulator += value;

        public void Merge(ref long accumulator, in long other) => accumulator += other;

        public Func<long> GetResult(in long accumulator)
        {
            long sum = accumulator;
            return throws && sum > 0 ? throw new InvalidOperationException("no result") : () => sum;
        }

        public void Write(in long accumulator, StateWriter writer) => writer.WriteInt64(accumulator);

        public long Read(StateReader reader) => reader.ReadInt64();
    }
}
