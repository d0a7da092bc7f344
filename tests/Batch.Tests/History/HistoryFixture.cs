using System.Globalization;
using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Reading;
using Lambda.Batch.History.Storage;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Batch.Tests.History;

/// <summary>A history of readings in a folder of its own.</summary>
internal sealed class HistoryFixture : IDisposable
{
    public const string Stream = "readings";

    private readonly TemporaryFolder _folder = new();

    public HistoryFixture() => Storage = new LocalObjectStorage(_folder.Path);

    public LocalObjectStorage Storage { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public string Folder => _folder.Path;

    public Task<HistoryTable> OpenAsync(IObjectStorage? storage = null) => HistoryTable.OpenAsync(
        storage ?? Storage, Stream, Readings.Schema, Readings.At, starts: null, Time, TestContext.Current.CancellationToken);

    public string PathOf(AddFile file) => Storage.Describe($"{Stream}/events/{DeltaPaths.Decode(file.Path)}");

    public string DuckFiles(HistorySnapshot snapshot) => Duck.List(snapshot.Table.Files.Select(PathOf));

    public static Dictionary<int, OffsetRange> Range(int partition, long start, long end) => new() { [partition] = new OffsetRange(start, end) };

    /// <summary>All rows of a table by its own reader.</summary>
    public static async Task<List<Placed>> ReadAllAsync(HistoryTable table, Projection? projection = null, Boundary? boundary = null, EventTimeRange? range = null)
    {
        List<Placed> rows = [];
        await foreach (EventBatch batch in ReadAsync(
            table, projection ?? Projection.Everything(Readings.Schema), boundary ?? new Boundary(Enumerable.Repeat(long.MaxValue, 64)), range))
        {
            rows.AddRange(Readings.FromBatch(batch));
        }

        return rows;
    }

    /// <summary>Rows of a table by its own reader, in one batch that is given again and again.</summary>
    public static async IAsyncEnumerable<EventBatch> ReadAsync(
        HistoryTable table, Projection projection, Boundary boundary, EventTimeRange? range = null, RecordFields fields = RecordFields.All)
    {
        RowFilter filter = new(null, boundary, range ?? EventTimeRange.All);
        HistoryScan scan = table.Scan(table.Current.Files.Where(filter.MayTake), filter);
        using HistoryReader reader = scan.OpenReader(new EventBatch(projection, new StringDictionary()), fields);
        foreach (HistoryFile file in scan.Files)
        {
            await foreach (EventBatch batch in reader.ReadAsync(file, TestContext.Current.CancellationToken))
            {
                yield return batch;
            }
        }
    }

    /// <summary>Asserts that two sets of events are the same, each event once, whatever their order.</summary>
    public static void AssertSame(IEnumerable<Placed> expected, IEnumerable<Placed> actual)
    {
        static List<string> Lines(IEnumerable<Placed> events) =>
        [
            .. events.Select(placed => (placed with { Extra = null }) is var row
                ? string.Create(CultureInfo.InvariantCulture, $"{row.Partition:D3} {row.Offset:D12} {row} real {BitConverter.DoubleToInt64Bits(row.Event.Real)}")
                : "").Order(StringComparer.Ordinal),
        ];
        Assert.Equal(Lines(expected), Lines(actual));
    }

    public void Dispose() => _folder.Dispose();
}
