using System.Buffers.Binary;
using Lambda.Batch.History.Delta;
using ParquetSharp;
using ParquetSharp.IO;
using ParquetSharp.Schema;

namespace Lambda.Batch.History.Files;

/// <summary>Encodes rows as one Parquet file in memory.</summary>
/// <param name="fields">The columns.</param>
/// <param name="encoders">One for each column of values, in the order of the columns.</param>
internal sealed class DataFileWriter(IReadOnlyList<TableField> fields, IReadOnlyList<ColumnEncoder> encoders) : IDisposable
{
    private const int RowGroupRows = 122_880;
    private const int CompressionLevel = 3;

    /// <summary>At the end of each file: the footer's length, four bytes, and four letters.</summary>
    private const int TrailerBytes = 8;

    /// <summary>What files are said to take may be wrong.</summary>
    private const long MostReserved = 256L << 20;

    /// <summary>The file that was written last; valid until the next one.</summary>
    private readonly MemoryStream _file = new();

    /// <summary>Makes room for files of about so many bytes, so that the buffer of a large one is not made anew each time it has grown.</summary>
    public void Reserve(long bytes) => _file.Capacity = (int)Math.Max(_file.Capacity, Math.Min(bytes, MostReserved));

    /// <summary>Encodes rows, which are in the file's order.</summary>
    public EncodedFile Write(ReadOnlyMemory<RowKey> rows) => Write(new RowsInMemory(rows), rows.Span);

    /// <summary>Encodes rows whose encoders choose their encodings without looking at some of them.</summary>
    public EncodedFile Write(IOrderedRows rows) => Write(rows, samples: []);

    public void Dispose() => _file.Dispose();

    /// <summary>The checksum of a file's footer, which Parquet, unlike its pages, does not protect.</summary>
    public static string FooterChecksum(ReadOnlySpan<byte> fileEnd)
    {
        int footer = BinaryPrimitives.ReadInt32LittleEndian(fileEnd[^TrailerBytes..]);
        return Crc32C.TextOf(fileEnd[^(footer + TrailerBytes)..]);
    }

    private EncodedFile Write(IOrderedRows rows, ReadOnlySpan<RowKey> samples)
    {
        _file.SetLength(0);
        int count = 0;
        using WriterProperties properties = PropertiesFor(samples);
        using GroupNode schema = SchemaOf(fields);
        using (ManagedOutputStream stream = new(_file, leaveOpen: true))
        using (ParquetFileWriter writer = new(stream, schema, properties, keyValueMetadata: null))
        {
            while (rows.Next(RowGroupRows) is { IsEmpty: false } next)
            {
                count += next.Length;
                using RowGroupWriter group = writer.AppendRowGroup();
                foreach (ColumnEncoder encoder in encoders)
                {
                    using ColumnWriter column = group.NextColumn();
                    encoder.Write(column, next);
                }
            }

            writer.Close();
        }

        ReadOnlyMemory<byte> content = _file.GetBuffer().AsMemory(0, checked((int)_file.Length));
        return new EncodedFile(content, FooterChecksum(content.Span), FileStatistics.Of(encoders, count));
    }

    private WriterProperties PropertiesFor(ReadOnlySpan<RowKey> samples)
    {
        using WriterPropertiesBuilder builder = new();
        builder.Compression(Compression.Zstd).CompressionLevel(CompressionLevel)
            .Version(ParquetVersion.PARQUET_2_6).CreatedBy("Lambda")
            .EnableStatistics().EnableWritePageIndex().EnablePageChecksum();
        foreach (ColumnEncoder encoder in encoders)
        {
            encoder.BeginFile(builder, samples);
        }

        return builder.Build();
    }

    private static GroupNode SchemaOf(IReadOnlyList<TableField> fields) => Group("schema", Repetition.Required, [.. fields.Select(NodeOf)]);

    private static Node NodeOf(TableField field) => field.Type switch
    {
        FieldType.Struct => Group(field.Name, RepetitionOf(field), [.. field.Children.Select(NodeOf)]),
        FieldType.List => List(field),
        _ => PlainNodeOf(field),
    };

    /// <summary>An array in the form of three levels that Parquet prescribes.</summary>
    private static GroupNode List(TableField field)
    {
        using LogicalType list = LogicalType.List();
        return Group(field.Name, RepetitionOf(field), [Group("list", Repetition.Repeated, [NodeOf(field.Children[0])])], list);
    }

    private static GroupNode Group(string name, Repetition repetition, Node[] nodes, LogicalType? logical = null)
    {
        GroupNode group = new(name, repetition, nodes, logical);
        foreach (Node node in nodes)
        {
            node.Dispose();
        }

        return group;
    }

    private static Repetition RepetitionOf(TableField field) => field.IsNullable ? Repetition.Optional : Repetition.Required;

    private static PrimitiveNode PlainNodeOf(TableField field)
    {
        (LogicalType logical, PhysicalType physical) = field.Type switch
        {
            FieldType.Boolean => (LogicalType.None(), PhysicalType.Boolean),
            FieldType.Integer => (LogicalType.Int(32, isSigned: true), PhysicalType.Int32),
            FieldType.Long => (LogicalType.Int(64, isSigned: true), PhysicalType.Int64),
            FieldType.Double => (LogicalType.None(), PhysicalType.Double),
            FieldType.Timestamp => (LogicalType.Timestamp(isAdjustedToUtc: true, TimeUnit.Micros), PhysicalType.Int64),
            FieldType.String or FieldType.DecimalText => (LogicalType.String(), PhysicalType.ByteArray),
            FieldType.Binary => (LogicalType.None(), PhysicalType.ByteArray),
            _ => throw new InvalidOperationException($"Column {field} does not lie in files."),
        };
        using (logical)
        {
            return new PrimitiveNode(field.Name, RepetitionOf(field), logical, physical);
        }
    }
}

/// <summary>A data file in memory.</summary>
/// <param name="Content">Its bytes; valid until the writer writes the next one.</param>
/// <param name="FooterChecksum">See <see cref="DataFileWriter.FooterChecksum"/>.</param>
/// <param name="Statistics">Row count, bounds and null counts as the table's log holds them.</param>
internal readonly record struct EncodedFile(ReadOnlyMemory<byte> Content, string FooterChecksum, string Statistics);
