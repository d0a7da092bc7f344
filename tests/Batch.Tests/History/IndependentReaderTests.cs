using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Log;
using Lambda.Time;

namespace Lambda.Batch.Tests.History;

public sealed class IndependentReaderTests
{
    [Fact]
    public async Task Another_reader_sees_the_same_values_in_every_column()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        List<Placed> events = Readings.Random(new Random(11), 2, new OffsetRange(5, 700), wild: true);
        await table.AppendAsync([Readings.ToBatch(events)], HistoryFixture.Range(2, 5, 700), TestContext.Current.CancellationToken);

        List<object?[]> rows = Duck.Query(
            $"""
            SELECT _partition, _offset, epoch_us(_appended_at), epoch_us("at"), id, place, good, maybeGood, small, maybeSmall, large, maybeLarge,
                real, maybeReal, price, maybePrice, epoch_us(seen), _extra
            FROM read_parquet({history.DuckFiles(table.Current)}) ORDER BY _offset
            """);
        Assert.Equal(events.Count, rows.Count);
        foreach ((Placed placed, object?[] row) in events.Zip(rows))
        {
            Reading e = placed.Event;
            Assert.Equal(
                [
                    placed.Partition, placed.Offset, placed.AppendedAt, UtcMicroseconds.FromDateTime(e.At), e.Id, e.Place, e.Good, e.MaybeGood, e.Small,
                    e.MaybeSmall, e.Large, e.MaybeLarge, e.Real, e.MaybeReal, Text(e.Price), e.MaybePrice is { } price ? Text(price) : null,
                    e.Seen is { } seen ? UtcMicroseconds.FromDateTime(seen) : null, placed.Extra,
                ],
                row);
        }
    }

    [Fact]
    public async Task Every_row_lies_in_the_folder_of_its_date()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        List<Placed> events = Readings.Random(new Random(12), 0, new OffsetRange(0, 500), wild: true);
        await table.AppendAsync([Readings.ToBatch(events)], HistoryFixture.Range(0, 0, 500), TestContext.Current.CancellationToken);
        foreach (AddFile file in table.Current.Table.Files)
        {
            string date = file.PartitionValues["_date"]!;
            Assert.StartsWith($"_date={date}/", file.Path, StringComparison.Ordinal);
            Assert.Equal(
                [date, date],
                Duck.Query($"SELECT min(\"at\")::DATE::VARCHAR, max(\"at\")::DATE::VARCHAR FROM read_parquet('{history.PathOf(file)}')")[0]);
        }
    }

    private static string Text(decimal value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
