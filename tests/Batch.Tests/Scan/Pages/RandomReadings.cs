using ParquetSharp;

namespace Lambda.Batch.Tests.Scan.Pages;

/// <summary>
/// Files that Arrow's writer writes, through ParquetSharp: pages and dictionaries so small that columns have many pages, and dictionaries that are given up
/// in the middle of a row group; with checksums.
/// </summary>
internal sealed class RandomReadings(int seed)
{
    private readonly Random _random = new(seed);

    public void Write(string path, Compression codec, ParquetDataPageVersion version, Encoding? encoding = null, bool hasChecksums = true)
    {
        using WriterPropertiesBuilder builder = new();
        builder.Compression(codec).DataPageVersion(version).DataPagesize(_random.Next(500, 20_000)).DictionaryPagesizeLimit(_random.Next(100, 40_000))
            .WriteBatchSize(_random.Next(10, 1000));
        if (hasChecksums)
        {
            builder.EnablePageChecksum();
        }

        if (encoding is { } other)
        {
            builder.DisableDictionary("at").Encoding("at", other);
        }
        else if (_random.Next(2) == 0)
        {
            builder.DisableDictionary("large").DisableDictionary("word");
        }

        using WriterProperties properties = builder.Build();
        Column[] columns =
        [
            new Column<DateTime>("at", LogicalType.Timestamp(isAdjustedToUtc: true, TimeUnit.Micros)), new Column<int>("small"), new Column<long?>("large"),
            new Column<double?>("real"), new Column<long?>("price"), new Column<string?>("name"), new Column<string?>("word"),
        ];
        using ParquetFileWriter writer = new(path, columns, properties);
        for (int group = _random.Next(1, 4); group > 0; group--)
        {
            WriteGroup(writer, _random.Next(1, 12_000));
        }

        writer.Close();
    }

    private void WriteGroup(ParquetFileWriter writer, int rows)
    {
        double nullShare = _random.Next(3) switch { 0 => 0, 1 => 0.1, _ => 0.95 };
        int variety = new[] { 1, 2, 200, 100_000 }[_random.Next(4)];
        using RowGroupWriter group = writer.AppendRowGroup();
        Write(group, rows, row => DateTime.UnixEpoch.AddMilliseconds(row * 37));
        Write(group, rows, row => _random.Next(variety));
        Write(group, rows, _ => IsNull() ? (long?)null : _random.NextInt64(-variety, variety));
        Write(group, rows, _ => IsNull() ? (double?)null : _random.Next(variety) / 8.0);
        Write(group, rows, _ => IsNull() ? (long?)null : _random.Next(variety));
        Write(group, rows, _ => IsNull() ? null : $"name {_random.Next(Math.Min(variety, 500))}");
        Write(group, rows, row => IsNull() ? null : $"wörd {row % variety}");

        bool IsNull() => _random.NextDouble() < nullShare;
    }

    private static void Write<T>(RowGroupWriter group, int rows, Func<int, T> value)
    {
        using LogicalColumnWriter<T> writer = group.NextColumn().LogicalWriter<T>();
        writer.WriteBatch([.. Enumerable.Range(0, rows).Select(value)]);
    }
}
