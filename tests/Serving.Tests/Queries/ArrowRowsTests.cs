using System.Collections;
using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Lambda.Aggregation;
using Lambda.Serving.Answers;
using Lambda.Serving.Formats;
using Lambda.Serving.Requests;
using Lambda.Serving.Tests.Running;
using Lambda.Views;

namespace Lambda.Serving.Tests.Queries;

public class ArrowRowsTests
{
    public static TheoryData<Type, object, string, string> Results => new()
    {
        { typeof(bool), true, "bool", "true" },
        { typeof(sbyte), (sbyte)-7, "int32", "-7" },
        { typeof(ushort), ushort.MaxValue, "int32", "65535" },
        { typeof(int?), int.MinValue, "int32", "-2147483648" },
        { typeof(uint), uint.MaxValue, "int64", "4294967295" },
        { typeof(long?), long.MaxValue, "int64", "9223372036854775807" },
        { typeof(ulong), ulong.MaxValue, "decimal128(38, 0)", "18446744073709551615" },
        { typeof(Int128), Int128.Parse("-99999999999999999999999999999999999999", CultureInfo.InvariantCulture), "decimal128(38, 0)", "-99999999999999999999999999999999999999" },
        { typeof(float), 0.1f, "float", "0.1" },
        { typeof(double?), double.NaN, "double", "NaN" },
        { typeof(double), double.NegativeInfinity, "double", "-Infinity" },
        { typeof(decimal), 1.500m, "utf8", "1.500" },
        { typeof(string), "Zürich", "utf8", "Zürich" },
        { typeof(string), "", "utf8", "" },
        { typeof(DateTime), new DateTime(1, 1, 1, 0, 0, 0, DateTimeKind.Utc), "timestamp[us, UTC]", "0001-01-01T00:00:00Z" },
        { typeof(DateTime), new DateTime(2024, 7, 1, 4, 5, 6, DateTimeKind.Unspecified), "timestamp[us, UTC]", "2024-07-01T04:05:06Z" },
        { typeof(DateTimeOffset), new DateTimeOffset(9999, 12, 31, 23, 59, 59, 999, 999, TimeSpan.Zero), "timestamp[us, UTC]", "9999-12-31T23:59:59.999999Z" },
        { typeof(DateOnly), new DateOnly(2024, 2, 29), "utf8", "2024-02-29" },
        { typeof(ValueList<string>), new ValueList<string>(["a", "b,c"]), "utf8", """["a","b,c"]""" },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Results))]
    public async Task Results_come_back_in_the_type_that_Arrow_has_for_them(Type declared, object result, string type, string text)
    {
        ArrowColumn column = AnswerColumns.OfResult(ArrowForms.Instance, "x", declared, 0);
        ViewRow[] rows = [Row(result), Row(null), Row(result)];
        using MemoryStream stream = new();
        Schema schema = new([column.Field], null);
        using (ArrowStreamWriter writer = new(stream, schema, leaveOpen: true))
        {
            using RecordBatch batch = new(schema, [column.Take(rows)], rows.Length);
            await writer.WriteRecordBatchAsync(batch, Cancellation);
        }

        stream.Position = 0;
        ArrowTable read = await ArrowTable.ReadAsync(stream, Cancellation);

        Assert.Equal([$"x {type}"], read.Columns);
        Assert.Equal([text, "null", text], read.Rows.Select(row => row[0]));
    }

    [Fact]
    public async Task Many_rows_come_in_batches_each_made_when_those_before_it_are_written()
    {
        ViewDefinition view = Sample.ViewOf(Sample.Catalog(), Sample.Sliding);
        using MemoryStream stream = new();
        List<long> written = [];
        ViewRow[] rows = [.. Enumerable.Range(0, (2 * ArrowRows.BatchSize) + 5).Select(number => Row($"origin {number}", () => written.Add(stream.Length)))];
        ViewAnswer answer = new(
            view.Name, view.Layout.Version, view.Stream, ViewLayer.Merged, null, [], null, null, new FreshnessAnswer(null, null), CompletenessAnswer.Full, null, 0, false, null, rows);

        await ArrowRows.WriteAsync(view, answer, stream, Cancellation);

        stream.Position = 0;
        ArrowTable read = await ArrowTable.ReadAsync(stream, Cancellation);
        Assert.Equal([ArrowRows.BatchSize, ArrowRows.BatchSize, 5], read.Batches);
        Assert.Equal(Enumerable.Range(0, rows.Length).Select(number => $"origin {number}"), read.Rows.Select(row => row[0]));
        Assert.Equal(3, written.Distinct().Count());
    }

    private static ViewRow Row(object? result) => new(new NamedValues([], []), default, default, null, new NamedValues(["x"], [result]), WindowStatus.Open, null, default);

    private static ViewRow Row(string origin, Action whenRead) => new(
        new NamedValues(["origin"], new Observed(origin, whenRead)), Sample.Start, Sample.Start.AddHours(1), null, new NamedValues(["flights"], [1L]), WindowStatus.Open, null, default);

    /// <summary>One value, that tells when it is read.</summary>
    private sealed class Observed(object? value, Action whenRead) : IReadOnlyList<object?>
    {
        public int Count => 1;

        public object? this[int index]
        {
            get
            {
                whenRead();
                return value;
            }
        }

        public IEnumerator<object?> GetEnumerator() => Enumerable.Repeat(value, 1).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
