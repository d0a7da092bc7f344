using System.Globalization;
using System.Text;
using System.Text.Json;
using Lambda.Batch.History;
using Lambda.Batch.History.Reading;
using Lambda.Batch.Recompute;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Batch.Tests.History;

/// <summary>Random baskets, as System.Text.Json writes them, and their way into a history and back.</summary>
internal static class Baskets
{
    public static readonly StreamDefinition Stream =
        ((IStreamBuilder)new StreamBuilder<Basket>("baskets").EventTime(e => e.At).EventId(e => e.Id)).Build();

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);
    private static readonly string[] Texts = ["", "a", "Zürich", "東京", "a rather long text that is not a key and has no end"];

    public static Basket Random(Random random, int number) => new(
        number.ToString(CultureInfo.InvariantCulture),
        DateTimeOffset.UnixEpoch.AddSeconds(random.Next(200_000)),
        Shop(random),
        Maybe(random, () => Shop(random)),
        Maybe(random, () => Array(random, () => Line(random))))
    {
        Tags = Array(random, () => Text(random)),
        Amounts = Maybe(random, () => Array(random, () => random.Next(3) == 0 ? (decimal?)null : Price(random))),
        MaybeLines = Maybe(random, () => Array(random, () => Maybe(random, () => Line(random))).ToList()),
    };

    /// <summary>An event as it would be read again, in one spelling.</summary>
    public static string Spelled(Basket basket) => JsonSerializer.Serialize(basket, Options);

    /// <summary>The events of a batch that has all members, in the same spelling.</summary>
    public static IEnumerable<(long Offset, string Json)> Spelled(EventBatch batch) => Enumerable.Range(0, batch.Count).Select(row =>
        (batch.Offsets[row], Spelled(JsonSerializer.Deserialize<Basket>(EventJson.Write(batch, row), Options)!)));

    public static Task<HistoryTable> OpenAsync(HistoryFixture history, StreamDefinition? stream = null) => HistoryTable.OpenAsync(
        history.Storage, "baskets", (stream ?? Stream).Schema, (stream ?? Stream).EventTime, starts: null,
        new FakeTimeProvider(DateTimeOffset.UnixEpoch), TestContext.Current.CancellationToken);

    /// <summary>Appends events at offsets from a start on, by the way of the archive: through JSON.</summary>
    public static async Task AppendAsync(HistoryTable table, IReadOnlyList<Basket> events, long start, Projection projection)
    {
        EventBatch batch = new(projection, new StringDictionary());
        JsonEventDecoder decoder = new(new DecodeRules(table.Schema.Find(nameof(Basket.At))!, null, 0), projection);
        for (int i = 0; i < events.Count; i++)
        {
            Assert.Null(decoder.Decode(Encoding.UTF8.GetBytes(Spelled(events[i])), 0, start + i, UtcMicroseconds.MaxValue, batch));
        }

        await table.AppendAsync(
            [new HistoryBatch(batch)], HistoryFixture.Range(0, start, start + events.Count), TestContext.Current.CancellationToken);
    }

    public static IAsyncEnumerable<EventBatch> ReadAsync(HistoryTable table, Projection projection, long end, EventTimeRange? range = null) =>
        HistoryFixture.ReadAsync(table, projection, new Boundary([end]), range);

    private static Shop Shop(Random random) =>
        new(new Guid(random.Next(9), 1, 2, new byte[8]), Maybe(random, () => Place(random)), random.Next(3) == 0 ? null : random.Next(2) == 0)
        {
            Main = Place(random),
        };

    private static Place Place(Random random) => new()
    {
        City = Text(random),
        Code = random.Next(3) == 0 ? null : random.Next(9999),
        Height = random.Next(3) == 0 ? null : random.NextDouble() * 100,
    };

    private static Line Line(Random random) => new(
        Text(random), Price(random), random.Next(2) == 0 ? null : random.NextInt64(), Maybe(random, () => Place(random)),
        random.Next(2) == 0 ? null : DateTime.UnixEpoch.AddTicks(random.Next() * 10L))
    {
        Discounts = Maybe(random, () => Array(random, () => new Discount(
            random.Next(100), random.Next(2) == 0 ? null : Text(random), Maybe(random, () => Array(random, () => random.Next(2) == 0))))),
    };

    private static decimal Price(Random random) => new(random.Next(), 0, 0, random.Next(2) == 0, (byte)random.Next(5));

    private static string Text(Random random) => Texts[random.Next(Texts.Length)];

    private static T[] Array<T>(Random random, Func<T> element) =>
        [.. Enumerable.Range(0, random.Next(20) == 0 ? random.Next(300) : random.Next(4)).Select(_ => element())];

    private static T? Maybe<T>(Random random, Func<T> value)
        where T : class => random.Next(4) == 0 ? null : value();
}
