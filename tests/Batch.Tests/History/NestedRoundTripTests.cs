using System.Text.Json;
using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.History.Reading;
using Lambda.Batch.Tests.History.Maintenance;
using Lambda.Events;

namespace Lambda.Batch.Tests.History;

public sealed class NestedRoundTripTests
{
    private static readonly EventSchema Schema = Baskets.Stream.Schema;

    [Fact]
    public async Task Objects_and_arrays_come_back_as_they_were()
    {
        for (int seed = 0; seed < 6; seed++)
        {
            Random random = new(seed);
            using HistoryFixture history = new();
            HistoryTable table = await Baskets.OpenAsync(history);
            List<Basket> events = [.. Enumerable.Range(0, random.Next(1, 900)).Select(number => Baskets.Random(random, number))];
            Projection written = random.Next(2) == 0 ? Projection.Everything(Schema) : Projection.EverythingByDictionary(Schema);
            int half = events.Count / 2;
            if (half > 0)
            {
                await Baskets.AppendAsync(table, events[..half], 0, written);
            }

            await Baskets.AppendAsync(table, events[half..], half, written);
            table = await Baskets.OpenAsync(history);
            foreach (Projection read in new[] { Projection.Everything(Schema), Projection.EverythingByDictionary(Schema) })
            {
                Dictionary<long, string> found = await ReadAsync(table, read);
                Assert.Equal(events.Count, found.Count);
                Assert.All(Enumerable.Range(0, events.Count), i => Assert.True(
                    Baskets.Spelled(events[i]) == found[i], $"seed {seed}, event {i}:\n{Baskets.Spelled(events[i])}\n{found[i]}"));
            }
        }
    }

    /// <summary>Such rows are written few at a time.</summary>
    [Fact]
    public async Task Arrays_of_large_texts_come_back_as_they_were_also_when_their_files_were_put_together()
    {
        Random random = new(18);
        using HistoryFixture history = new();
        HistoryTable table = await Baskets.OpenAsync(history);
        List<Basket> events =
        [
            .. Enumerable.Range(0, 41).Select(number => Baskets.Random(random, number) with
            {
                At = DateTimeOffset.UnixEpoch.AddSeconds(number),
                Tags = [new string((char)('a' + (number % 20)), 2 << 20), "small", new string('z', 1 << 20)],
            }),
        ];
        await Baskets.AppendAsync(table, events[..40], 0, Projection.Everything(Schema));
        await Baskets.AppendAsync(table, events[40..], 40, Projection.Everything(Schema));
        TableShape shape = new("events", HistoryLayout.EventsOf("baskets"), "at");
        for (int round = 0; round < 2; round++)
        {
            Dictionary<long, string> found = await ReadAsync(await Baskets.OpenAsync(history), Projection.Everything(Schema));
            Assert.Equal(events.Count, found.Count);
            Assert.All(Enumerable.Range(0, events.Count), i => Assert.True(Baskets.Spelled(events[i]) == found[i], $"round {round}, event {i}"));
            if (round == 0)
            {
                Assert.Equal(2, (await TableRows.CompactAsync(history, shape: shape)).Removed);
            }
        }
    }

    [Fact]
    public async Task A_scan_takes_only_some_rows_and_members_of_more_than_one_chunk()
    {
        Random random = new(17);
        using HistoryFixture history = new();
        HistoryTable table = await Baskets.OpenAsync(history);
        List<Basket> events = [.. Enumerable.Range(0, 20_000).Select(number => Baskets.Random(random, number))];
        await Baskets.AppendAsync(table, events, 0, Projection.Everything(Schema));

        // Only levels of an array, a value in an array in an array, and an object without any of its values.
        EventMember[] members = [.. Schema.All.Where(member => member.Path is "amounts" or "lines[].discounts[].reason" or "origin" or "id" or "origin.place")];
        Projection projection = Projection.Of(Schema, members);
        EventTimeRange range = new(10_000_000_000, 120_000_000_000);
        Dictionary<string, Basket> expected = events.Take(15_000)
            .Where(e => e.At >= DateTimeOffset.UnixEpoch.AddSeconds(10_000) && e.At < DateTimeOffset.UnixEpoch.AddSeconds(120_000))
            .ToDictionary(e => e.Id);
        int rows = 0;
        await foreach (EventBatch batch in Baskets.ReadAsync(table, projection, 15_000, range))
        {
            for (int row = 0; row < batch.Count; row++, rows++)
            {
                using JsonDocument json = JsonDocument.Parse(Lambda.Batch.Recompute.EventJson.Write(batch, row));
                Basket wanted = expected[json.RootElement.GetProperty("id").GetString()!];
                ListColumn amounts = (ListColumn)batch[Schema.Find("Amounts")!]!;
                Assert.Equal((wanted.Amounts is null, wanted.Amounts?.Length ?? 0), (amounts.Nulls![row], amounts.Lengths[row]));
                JsonElement origin = json.RootElement.GetProperty("origin");
                Assert.Equal(
                    (wanted.Origin is null, wanted.Origin?.Place is null),
                    (origin.ValueKind == JsonValueKind.Null, origin.ValueKind == JsonValueKind.Null || origin.GetProperty("place").ValueKind == JsonValueKind.Null));
                JsonElement lines = json.RootElement.GetProperty("lines");
                Assert.Equal(
                    wanted.Lines?.SelectMany(line => line.Discounts ?? []).Select(discount => discount.Reason),
                    lines.ValueKind == JsonValueKind.Null ? null : lines.EnumerateArray().Select(line => line.GetProperty("discounts"))
                        .Where(discounts => discounts.ValueKind != JsonValueKind.Null).SelectMany(discounts => discounts.EnumerateArray())
                        .Select(discount => discount.GetProperty("reason").GetString()));
            }
        }

        Assert.Equal(expected.Count, rows);
    }

    /// <summary>Other programs declare everything as optional, as DuckDB does here: values then have other levels than in files of the table's own.</summary>
    [Fact]
    public async Task Objects_and_arrays_of_another_writer_are_read_as_they_are()
    {
        Random random = new(31);
        using HistoryFixture history = new();
        HistoryTable table = await Baskets.OpenAsync(history);
        List<Basket> events = [.. Enumerable.Range(0, 2000).Select(number => Baskets.Random(random, number))];
        await Baskets.AppendAsync(table, events, 0, Projection.Everything(Schema));
        await RewriteAsync(history, table, "*");
        table = await Baskets.OpenAsync(history);
        foreach (Projection read in new[] { Projection.Everything(Schema), Projection.EverythingByDictionary(Schema) })
        {
            Dictionary<long, string> found = await ReadAsync(table, read);
            Assert.Equal(events.Select(Baskets.Spelled), Enumerable.Range(0, events.Count).Select(i => found[i]));
        }
    }

    [Fact]
    public async Task A_null_of_another_writer_where_there_must_be_none_is_told_with_the_file()
    {
        Random random = new(37);
        using HistoryFixture history = new();
        HistoryTable table = await Baskets.OpenAsync(history);
        await Baskets.AppendAsync(
            table, [.. Enumerable.Range(0, 50).Select(number => Baskets.Random(random, number) with { At = DateTimeOffset.UnixEpoch })], 0, Projection.Everything(Schema));
        await RewriteAsync(history, table, "* REPLACE (struct_update(shop, main := struct_update(shop.main, city := CAST(NULL AS VARCHAR))) AS shop)");
        table = await Baskets.OpenAsync(history);

        HistoryException error = await Assert.ThrowsAsync<HistoryException>(async () =>
        {
            await foreach (EventBatch _ in Baskets.ReadAsync(table, Projection.Everything(Schema), long.MaxValue))
            {
            }
        });

        Assert.Contains("foreign.parquet", error.Message, StringComparison.Ordinal);
        Assert.Contains("the column 'shop.main.city' has a null, but must not", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("* REPLACE (CAST('2026-01-01' AS TIMESTAMP_NS) AS _appended_at)", "nanoseconds in its column '_appended_at'")]
    [InlineData("* REPLACE (CAST(\"at\" AS TIMESTAMP_MS) AS \"at\")", "milliseconds in its column 'at'")]
    [InlineData(
        "* REPLACE (list_transform(\"lines\", l -> struct_update(l, until := CAST(l.until AS TIMESTAMP_MS))) AS \"lines\")",
        "milliseconds in its column 'lines.list.element.until'")]
    public async Task Instants_of_another_writer_in_another_unit_are_refused(string columns, string message)
    {
        Random random = new(41);
        using HistoryFixture history = new();
        HistoryTable table = await Baskets.OpenAsync(history);
        await Baskets.AppendAsync(
            table, [.. Enumerable.Range(0, 50).Select(number => Baskets.Random(random, number) with { At = DateTimeOffset.UnixEpoch })], 0, Projection.Everything(Schema));
        await RewriteAsync(history, table, columns);
        table = await Baskets.OpenAsync(history);

        HistoryException error = await Assert.ThrowsAsync<HistoryException>(async () =>
        {
            await foreach (EventBatch _ in Baskets.ReadAsync(table, Projection.Everything(Schema), long.MaxValue))
            {
            }
        });

        Assert.Contains("foreign.parquet", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_reader_sees_the_same_objects_and_arrays()
    {
        Random random = new(23);
        using HistoryFixture history = new();
        HistoryTable table = await Baskets.OpenAsync(history);
        List<Basket> events = [.. Enumerable.Range(0, 3000).Select(number => Baskets.Random(random, number))];
        await Baskets.AppendAsync(table, events, 0, Projection.Everything(Schema));
        string files = Duck.List(table.Current.Table.Files.Select(file =>
            history.Storage.Describe($"baskets/events/{DeltaPaths.Decode(file.Path)}")));

        List<object?[]> rows = Duck.Query(
            $"""
            SELECT shop.main.city, shop.main.zip, shop.place.city, origin.place.height, len("lines"), len(tags), len(amounts),
                list_aggregate(list_transform("lines", l -> l.price::DECIMAL(18, 4)), 'sum')::VARCHAR,
                list_aggregate(list_transform("lines", l -> len(l.discounts)), 'sum')::BIGINT,
                list_aggregate(flatten(list_transform("lines", l -> list_transform(l.discounts, d -> len(d.flags)))), 'sum')::BIGINT,
                array_to_string(tags, '|'), origin IS NULL, "lines" IS NULL, len(list_filter(maybeLines, l -> l IS NULL)), shop.number
            FROM read_parquet({files}) ORDER BY _offset
            """);
        Assert.Equal(events.Count, rows.Count);
        foreach ((Basket e, object?[] row) in events.Zip(rows))
        {
            IEnumerable<Discount> discounts = e.Lines?.SelectMany(line => line.Discounts ?? []) ?? [];
            object?[] expected =
            [
                e.Shop.Main.City, e.Shop.Main.Code, e.Shop.Place?.City, e.Origin?.Place?.Height, (long?)e.Lines?.Length, (long)e.Tags.Count,
                (long?)e.Amounts?.Length,
                e.Lines is null or [] ? null : e.Lines.Sum(line => line.Price).ToString("F4", System.Globalization.CultureInfo.InvariantCulture),
                e.Lines?.Any(line => line.Discounts is not null) == true ? discounts.LongCount() : null,
                discounts.Any(discount => discount.Flags is not null) ? discounts.Sum(discount => (long)(discount.Flags?.Count ?? 0)) : null,
                string.Join('|', e.Tags), e.Origin is null, e.Lines is null, e.MaybeLines is null ? null : e.MaybeLines.LongCount(line => line is null),
                e.Shop.Number.ToString(),
            ];
            Assert.Equal(expected, row);
        }
    }

    [Fact]
    public async Task Bounds_of_values_in_objects_are_those_of_the_data()
    {
        Random random = new(29);
        using HistoryFixture history = new();
        HistoryTable table = await Baskets.OpenAsync(history);
        List<Basket> events = [.. Enumerable.Range(0, 500).Select(number => Baskets.Random(random, number) with { At = DateTimeOffset.UnixEpoch })];
        await Baskets.AppendAsync(table, events, 0, Projection.Everything(Schema));
        using JsonDocument stats = JsonDocument.Parse(Assert.Single(table.Current.Table.Files).Stats!);
        int?[] codes = [.. events.Select(e => e.Origin?.Main.Code)];
        Assert.Equal(codes.Min(), Of("minValues"));
        Assert.Equal(codes.Max(), Of("maxValues"));
        Assert.Equal(codes.Count(code => code is null), Of("nullCount"));
        Assert.False(stats.RootElement.GetProperty("minValues").TryGetProperty("lines", out _));

        int Of(string figure) =>
            stats.RootElement.GetProperty(figure).GetProperty("origin").GetProperty("main").GetProperty("zip").GetInt32();
    }

    /// <summary>All events of a table by offset, in one spelling.</summary>
    private static async Task<Dictionary<long, string>> ReadAsync(HistoryTable table, Projection read)
    {
        Dictionary<long, string> found = [];
        await foreach (EventBatch batch in Baskets.ReadAsync(table, read, long.MaxValue))
        {
            foreach ((long offset, string json) in Baskets.Spelled(batch))
            {
                found.Add(offset, json);
            }
        }

        return found;
    }

    private static Task RewriteAsync(HistoryFixture history, HistoryTable table, string columns) =>
        ForeignFiles.RewriteAsync(history.Storage, "baskets/events", table.Current.Table, table.Current.Table.Files, columns);
}
