using System.Globalization;
using Lambda.Batch.Scan;
using Lambda.Batch.Scan.Pages;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Views;
using Lambda.Windows;
using RowGroupReader = ParquetSharp.RowGroupReader;

namespace Lambda.Batch.Tests.Scan.Pages;

/// <summary>What the rows of the files are.</summary>
internal sealed record Reading(DateTime At, int Small, long? Large, double? Real, decimal? Price, string? Name, string? Word);

/// <summary>A file whose columns are read one by one, from pages or by the library, and put into words.</summary>
internal sealed class PagedFile : IDisposable
{
    private const int ChunkRows = 4096;

    private static readonly StreamDefinition Stream = Define();

    private readonly ScanFile _file;
    private readonly EventBatch _batch;

    public PagedFile(string path)
    {
        _file = ScanFile.Open(path, Stream);
        _batch = new EventBatch(Projection.Of(Stream.Schema, Stream.Schema.Members), new StringDictionary());
        _batch.EnsureCapacity(ChunkRows);
    }

    /// <summary>The members that files have columns of.</summary>
    public static IReadOnlyList<string> Members { get; } = ["At", "Small", "Large", "Real", "Price", "Name", "Word"];

    public int RowGroups => _file.RowGroups;

    /// <summary>The values of a column of a row group as the library reads them.</summary>
    public List<string> ReadByLibrary(string member, int rowGroup)
    {
        (ScanDecoders decoders, Column column, bool[] nulls, int index) = Bind(member);
        using RowGroupReader group = _file.RowGroup(rowGroup);
        decoders.Library.Open(group.Column(index));
        using (decoders.Library)
        {
            return Read(column, nulls, group.MetaData.NumRows, decoders.Library.Read);
        }
    }

    /// <summary>The values of a column of a row group as read from its pages; null when these are left to the library.</summary>
    public List<string>? ReadPages(string member, int rowGroup)
    {
        (ScanDecoders decoders, Column column, bool[] nulls, int index) = Bind(member);
        using RowGroupReader group = _file.RowGroup(rowGroup);
        long rows = group.MetaData.NumRows;
        return _file.Chunks.Find(rowGroup, index) is { } place && decoders.Pages!.TryOpen(_file.Bytes, place, rows)
            ? Read(column, nulls, rows, decoders.Pages.Read)
            : null;
    }

    /// <summary>The decoder of a column, where its pages lie, and how many rows there are; for files that are then damaged.</summary>
    public (PageDecoder Decoder, ChunkPlace Place, long Rows) Open(string member, int rowGroup)
    {
        (ScanDecoders decoders, _, _, int index) = Bind(member);
        using RowGroupReader group = _file.RowGroup(rowGroup);
        return (decoders.Pages!, _file.Chunks.Find(rowGroup, index)!.Value, group.MetaData.NumRows);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Reads a file as a computation does.</summary>
    public static void Scan(string path)
    {
        Projection everything = Projection.Of(Stream.Schema, Stream.Schema.Members);
        ScanPlan plan = ScanPlan.Of([path], Stream, everything, StatisticsUse.Trust);
        using ScanFile file = ScanFile.Open(path, Stream);
        using ScanReader reader = new(new EventBatch(everything, new StringDictionary()), Stream.EventTime);
        reader.Bind(file);
        foreach (RowGroup group in plan.RowGroups)
        {
            reader.Open(group);
            while (reader.ReadNext(new RowRefusals()))
            {
            }
        }
    }

    public static string Text(object? value) => value switch
    {
        null => "null",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static StreamDefinition Define()
    {
        StreamBuilder<Reading> builder = new StreamBuilder<Reading>("readings").EventTime(r => r.At);
        builder.View("all").GroupBy(r => new { r.Name, r.Word }).Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Readings = a.Count() });
        return Catalog.Build([builder]).Streams[0];
    }

    private (ScanDecoders Decoders, Column Column, bool[] Nulls, int Index) Bind(string name)
    {
        EventMember member = Stream.Schema.Find(name)!;
        Column column = _batch[member]!;
        bool[] nulls = column.Nulls ?? new bool[ChunkRows];
        int index = _file.IndexOf(member)!.Value;
        ScanDecoders decoders = ScanColumns.Decoders(_file.Column(index), column, nulls)!;
        return (decoders, column, nulls, index);
    }

    private static List<string> Read(Column column, bool[] nulls, long rows, Action<int> read)
    {
        List<string> values = [];
        for (long done = 0; done < rows;)
        {
            // Pieces that fit neither pages nor blocks.
            int count = (int)Math.Min(rows - done, (done * 7 % 4000) + 17);
            read(count);
            for (int row = 0; row < count; row++)
            {
                values.Add(nulls[row] ? "null" : Text(Value(column, row)));
            }

            done += count;
        }

        return values;
    }

    private static object? Value(Column column, int row) => column switch
    {
        DictionaryColumn texts => texts.Dictionary.GetString(texts.Ids[row]),
        Column<int> values => values.Values[row],
        Column<long> values => values.Values[row],
        Column<double> values => values.Values[row],
        _ => ((Column<decimal>)column).Values[row],
    };
}
