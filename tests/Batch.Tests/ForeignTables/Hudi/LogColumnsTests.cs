using Lambda.Batch.ForeignTables.Avro;
using static Lambda.Batch.Tests.ForeignTables.Hudi.LoggedTable;

namespace Lambda.Batch.Tests.ForeignTables.Hudi;

/// <summary>What is made of the columns of records in logs.</summary>
public sealed class LogColumnsTests
{
    private const string OlderSchema =
        """{"type":"record","name":"r","fields":[{"name":"_hoodie_record_key","type":"string"},{"name":"page","type":["string","null"]},{"name":"revision","type":"int"}]}""";

    [Fact]
    public async Task Columns_are_found_by_name_widened_and_null_where_a_log_lacks_them()
    {
        using LoggedTable table = new();
        table.WriteBase(1, "VALUES ('a', 5, 'base')");
        table.WriteLog(1, 1, LogBytes.Records(At(1), OlderSchema, encoder =>
        {
            encoder.WriteString("a");
            encoder.WriteLong(0);
            encoder.WriteString("new");
            encoder.WriteInt(6);
        }));

        Assert.Equal(":6:new", await table.ReadAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("\"quoted\" \\ /\t\n\r")]
    [InlineData("a\0b")]
    [InlineData("'é€\U0001F600")]
    [InlineData("[1]")]
    public async Task Texts_are_what_they_were(string text)
    {
        using LoggedTable table = new();
        table.WriteBase(1, "VALUES ('a', 5, 'base')");
        table.WriteLog(1, 1, LogBytes.Records(At(1), Schema, Row("a", 6, text)));

        Assert.Equal($"a:6:{text}", await table.ReadAsync());
    }

    [Fact]
    public async Task A_column_whose_type_has_changed_is_named()
    {
        using LoggedTable table = new();
        table.WriteBase(1, "VALUES ('a', 5, 'base')");
        string schema = OlderSchema.Replace("""["string","null"]""", """{"type":"map","values":"long"}""", StringComparison.Ordinal);
        table.WriteLog(1, 1, LogBytes.Records(At(1), schema, encoder =>
        {
            encoder.WriteString("a");
            encoder.WriteLong(1);
            encoder.WriteString("key");
            encoder.WriteLong(3);
            encoder.WriteLong(0);
            encoder.WriteInt(6);
        }));

        await table.MustBeRefusedAsync("column 'page' is map", ".log.1_0-0-0'");
    }

    [Fact]
    public async Task Records_with_what_was_done_are_refused()
    {
        using LoggedTable table = new();
        table.WriteBase(1, "VALUES ('a', 5, 'base')");
        string schema = """{"type":"record","name":"r","fields":[{"name":"_hoodie_record_key","type":"string"},{"name":"_hoodie_operation","type":"string"},{"name":"revision","type":"int"}]}""";
        table.WriteLog(1, 1, LogBytes.Records(At(1), schema, encoder =>
        {
            encoder.WriteString("a");
            encoder.WriteString("D");
            encoder.WriteInt(6);
        }));

        await table.MustBeRefusedAsync("hoodie.allow.operation.metadata.field");
    }

    [Theory]
    [InlineData("\"boolean\"", "01", "true")]
    [InlineData("\"int\"", "FFFFFFFF0F", "-2147483648")]
    [InlineData("\"long\"", "FFFFFFFFFFFFFFFFFF01", "-9223372036854775808")]
    [InlineData("\"long\"", "FEFFFFFFFFFFFFFFFF01", "9223372036854775807")]
    [InlineData("\"float\"", "0000C07F", "NaN")]
    [InlineData("\"float\"", "CDCCCC3D", "0.1")]
    [InlineData("\"double\"", "9A9999999999B93F", "0.1")]
    [InlineData("\"double\"", "000000000000F0FF", "-Infinity")]
    [InlineData("\"string\"", "06E282AC", "€")]
    [InlineData("\"bytes\"", "0400FF", @"\x00\xFF")]
    [InlineData("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":2}", "02FF", "-0.01")]
    [InlineData("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9}", "0400FF", "255")]
    [InlineData("{\"type\":\"fixed\",\"name\":\"f\",\"size\":3,\"logicalType\":\"decimal\",\"precision\":6,\"scale\":2}", "FFFE0C", "-5.00")]
    [InlineData("{\"type\":\"fixed\",\"name\":\"f\",\"size\":3}", "FFFE0C", null)]
    [InlineData("{\"type\":\"int\",\"logicalType\":\"date\"}", "01", "1969-12-31")]
    [InlineData("{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}", "01", "1969-12-31 23:59:59.999999")]
    [InlineData("{\"type\":\"long\",\"logicalType\":\"local-timestamp-millis\"}", "02", "1970-01-01 00:00:00.001000")]
    [InlineData("{\"type\":\"long\",\"logicalType\":\"time-micros\"}", "02", null)]
    [InlineData("{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"A\",\"B\"]}", "02", "B")]
    [InlineData("[\"null\",\"long\"]", "00", null)]
    [InlineData("[\"null\",\"long\"]", "0202", "1")]
    public void Plain_values_are_text_that_casts_take(string type, string bytes, string? expected) =>
        Assert.Equal(expected is null ? "{\"v\":null}" : $"{{\"v\":\"{expected.Replace("\\", "\\\\", StringComparison.Ordinal)}\"}}", Json(type, bytes));

    [Theory]
    [InlineData("{\"type\":\"array\",\"items\":[\"null\",\"long\"]}", "0400020202020400", "[null,\"1\",\"2\"]")]
    [InlineData("{\"type\":\"array\",\"items\":\"long\"}", "03040204020200", "[\"1\",\"2\",\"1\"]")]
    [InlineData("{\"type\":\"record\",\"name\":\"d\",\"fields\":[{\"name\":\"a\",\"type\":\"long\"},{\"name\":\"b\",\"type\":[\"null\",\"string\"]}]}", "0200", "{\"a\":\"1\",\"b\":null}")]
    [InlineData("{\"type\":\"record\",\"name\":\"d\",\"namespace\":\"n\",\"fields\":[{\"name\":\"a\",\"type\":{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"A\"]}},{\"name\":\"b\",\"type\":\"n.e\"}]}", "0000", "{\"a\":\"A\",\"b\":\"A\"}")]
    [InlineData("{\"type\":\"map\",\"values\":\"long\"}", "02024102020242040000", null)]
    public void Nested_values_are_nested(string type, string bytes, string? expected) =>
        Assert.Equal($"{{\"v\":{(expected ?? "null")}}}", expected is null ? Json(type, bytes[..^2]) : Json(type, bytes));

    [Theory]
    [InlineData("\"boolean\"", "02")]
    [InlineData("\"int\"", "FFFFFFFFFF01")]
    [InlineData("\"long\"", "FFFFFFFFFFFFFFFFFFFF01")]
    [InlineData("\"string\"", "FEFFFFFF0F")]
    [InlineData("\"string\"", "01")]
    [InlineData("\"string\"", "02FF")]
    [InlineData("\"long\"", "0202")]
    [InlineData("\"long\"", "")]
    [InlineData("{\"type\":\"array\",\"items\":\"null\"}", "FEFFFFFFFFFFFFFFFF01")]
    [InlineData("{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"A\",\"B\"]}", "04")]
    [InlineData("{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}", "FEFFFFFFFFFFFFFFFF01")]
    [InlineData("{\"type\":\"record\",\"name\":\"s\",\"fields\":[{\"name\":\"s\",\"type\":\"s\"}]}", "")]
    [InlineData("\"unknown\"", "00")]
    [InlineData("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"scale\":-1}", "00")]
    public void What_makes_no_sense_is_an_error(string type, string bytes) => Assert.Throws<FormatException>(() => Json(type, bytes));

    private static string Json(string type, string bytes) => new AvroJson(
        (AvroNode.Record)AvroNode.Parse($$"""{"type":"record","name":"r","fields":[{"name":"v","type":{{type}}}]}"""), new HashSet<string> { "v" }).Read(Convert.FromHexString(bytes));
}
