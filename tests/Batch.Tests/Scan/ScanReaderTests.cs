using System.Globalization;
using Lambda.Batch.Scan;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Scan;

/// <summary>Files that DuckDB writes are read as DuckDB reads them, whatever types it wrote.</summary>
public sealed class ScanReaderTests : IDisposable
{
    private const int Rows = 40_000;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string, string, string> Types => new()
    {
        { "TIMESTAMP", "INTEGER", "BIGINT", "DOUBLE" },
        { "TIMESTAMP_MS", "SMALLINT", "INTEGER", "FLOAT" },
        { "TIMESTAMP_NS", "TINYINT", "UINTEGER", "INTEGER" },
        { "TIMESTAMP_S", "USMALLINT", "SMALLINT", "BIGINT" },
        { "TIMESTAMPTZ", "UTINYINT", "TINYINT", "SMALLINT" },
        { "DATE", "INTEGER", "USMALLINT", "UTINYINT" },
    };

    public static TheoryData<string> DecimalTypes => ["DECIMAL(9, 2)", "DECIMAL(18, 4)", "DECIMAL(28, 10)", "INTEGER", "BIGINT", "VARCHAR"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Types))]
    public void Values_are_those_of_the_file(string at, string small, string large, string real)
    {
        string file = Write(
            $"""
            SELECT CAST(TIMESTAMP '1969-12-30 23:59:59.123457' + INTERVAL (i * 7919) SECOND AS {at}) AS at,
                CAST(i % 100 AS {small}) AS "SMALL", CAST(i % 120 AS {large}) AS large, CAST(i % 90 AS {real}) AS "real", 1.5::DECIMAL(9, 2) AS price,
                i % 3 = 0 AS good, CASE WHEN i % 7 <> 0 THEN 'name ' || i % 11 END AS name, CASE WHEN i % 5 <> 0 THEN i END AS maybe
            """);

        Assert.Equal(
            Duck.Query($"SELECT epoch_us(\"at\"::TIMESTAMP), small, large, \"real\", good, name, maybe FROM '{file}'").Select(row => Line(row)),
            Read(file).Select(row => Line(row.At, row.Small, row.Large, row.Real, row.Good, row.Name, row.Maybe)));
    }

    [Theory]
    [MemberData(nameof(DecimalTypes))]
    public void Decimals_are_those_of_the_file(string type)
    {
        string file = Write(
            $"""
            SELECT TIMESTAMP '2001-01-01' AS at, 1 AS small, 2 AS large, 3.0 AS "real",
                CAST(CAST((i - 20000) * 37 AS DECIMAL(28, 2)) / 100 AS {type}) AS price, true AS good, 'x' AS name
            """.Replace("3.0", "3.0::DOUBLE", StringComparison.Ordinal));

        Assert.Equal(
            Duck.Query($"SELECT CAST(price AS DECIMAL(28, 10)) FROM '{file}'").Select(row => (decimal)row[0]!),
            Read(file).Select(row => row.Price));
    }

    [Fact]
    public void A_row_that_lacks_what_an_event_needs_is_told_with_its_place()
    {
        string file = Write(
            """
            SELECT CASE WHEN i <> 12345 THEN TIMESTAMP '2001-01-01' + INTERVAL (i) SECOND END AS at, 1 AS small,
                CASE WHEN i <> 30001 THEN 2 END AS large, 3.0::DOUBLE AS "real", 1.0::DECIMAL(9, 2) AS price, true AS good, 'x' AS name
            """,
            rowGroupSize: 10_240);
        RowRefusals refused = new();

        Assert.Equal(Rows - 2, Read(file, refused).Count);
        Assert.Equal(
            [new RowRefusal(file, 1, 12345 - 10_240, "'at' is null."), new RowRefusal(file, 2, 30_001 - 20_480, "'large' is null.")],
            refused.Places);
    }

    [Fact]
    public void A_column_that_an_event_needs_must_be_there()
    {
        string file = Write("SELECT TIMESTAMP '2001-01-01' AS at, 1 AS small");

        ScanException error = Assert.Throws<ScanException>(() => Read(file));
        Assert.StartsWith($"'{file}' has no column 'large', which member 'Large' of 'Measurement' needs. Its columns are: at, small.", error.Message);
    }

    [Fact]
    public void A_column_must_fit_its_member()
    {
        string file = Write("""SELECT TIMESTAMP '2001-01-01' AS at, 'one' AS small, 2 AS large, 3.0 AS "real", 1 AS price, true AS good""");

        ScanException error = Assert.Throws<ScanException>(() => Read(file));
        Assert.StartsWith($"'{file}': column 'small' has type ByteArray (", error.Message);
        Assert.Contains("does not fit member 'Small' (Int32) of 'Measurement'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_cut_off_is_refused()
    {
        string file = Write("SELECT TIMESTAMP '2001-01-01' AS at");
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^100]);

        string message = Assert.Throws<ScanException>(() => Read(file)).Message;

        Assert.StartsWith($"'{file}' is not a Parquet file that can be read: Invalid: Parquet magic bytes not found in footer.", message);
        Assert.DoesNotContain("(message:", message, StringComparison.Ordinal);
    }

    /// <summary>Some libraries write bounds of other units than the values.</summary>
    [Fact]
    public void Wrong_statistics_of_event_times_are_an_error()
    {
        string file = Write(
            """
            SELECT TIMESTAMP '2001-01-01' + INTERVAL (i) SECOND AS at, 1 AS small, 2 AS large, 3.0::DOUBLE AS "real", 1 AS price, true AS good
            """);
        RowRefusals refused = new();
        using Setup setup = new(file);
        RowGroup lying = setup.Plan.RowGroups[0] with { Times = new TimeSpread(0, 1000) };
        setup.Reader.Open(lying);

        Assert.Contains("the statistics of column 'at' in row group 0 are wrong", Assert.Throws<ScanException>(() => setup.Reader.ReadNext(refused)).Message);
    }

    private static string Line(params object?[] values) => string.Join('|', values.Select(value => value switch
    {
        null => "null",
        IFormattable number => Convert.ToDouble(number, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture),
        _ => value.ToString(),
    }));

    private static List<Row> Read(string file, RowRefusals? refused = null)
    {
        refused ??= new RowRefusals();
        using Setup setup = new(file);
        List<Row> rows = [];
        foreach (RowGroup group in setup.Plan.RowGroups)
        {
            setup.Reader.Open(group);
            while (setup.Reader.ReadNext(refused))
            {
                foreach (int row in setup.Reader.Rows.Span)
                {
                    rows.Add(setup.Row(row));
                }
            }
        }

        return rows;
    }

    private string Write(string select, int rowGroupSize = 122_880)
    {
        string file = Path.Combine(_folder.Path, "events.parquet");
        Duck.Query($"COPY ({select} FROM range({Rows}) r(i) ORDER BY i) TO '{file}' (FORMAT parquet, ROW_GROUP_SIZE {rowGroupSize})");
        return file;
    }

    private sealed record Measurement(
        DateTime At, int Small, long Large, double Real, decimal Price, bool Good, string? Name, long? Maybe);

    private sealed record Row(long At, int Small, long Large, double Real, decimal Price, bool Good, string? Name, long? Maybe);

    /// <summary>A file opened for all members of <see cref="Measurement"/>.</summary>
    private sealed class Setup : IDisposable
    {
        private readonly ScanFile _file;
        private readonly EventSchema _schema;
        private readonly EventBatch _batch;

        public Setup(string file)
        {
            StreamBuilder<Measurement> builder = new StreamBuilder<Measurement>("measurements").EventTime(m => m.At);
            builder.View("all").Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Events = a.Count() });
            StreamDefinition stream = Catalog.Build([builder]).Streams[0];
            _schema = stream.Schema;
            Projection everything = Projection.Of(_schema, _schema.Members);
            Plan = ScanPlan.Of([file], stream, everything, StatisticsUse.Trust);
            _batch = new EventBatch(everything, new StringDictionary());
            Reader = new ScanReader(_batch, stream.EventTime);
            _file = ScanFile.Open(file, stream);
            Reader.Bind(_file);
        }

        public ScanPlan Plan { get; }

        public ScanReader Reader { get; }

        public Row Row(int row) => new(
            _batch.EventTimes[row],
            Values<int>("Small")[row],
            Values<long>("Large")[row],
            Values<double>("Real")[row],
            Values<decimal>("Price")[row],
            Values<bool>("Good")[row],
            _batch.Dictionary.GetString(((DictionaryColumn)_batch[_schema.Find("Name")!]!).Ids[row]),
            _batch[_schema.Find("Maybe")!]!.Nulls![row] ? null : Values<long>("Maybe")[row]);

        public void Dispose()
        {
            Reader.Dispose();
            _file.Dispose();
        }

        private T[] Values<T>(string member)
            where T : struct => ((Column<T>)_batch[_schema.Find(member)!]!).Values;
    }
}
