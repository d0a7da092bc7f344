using Lambda.Aggregation;
using Lambda.Serving.Answers;
using Lambda.Serving.Formats;
using Parquet;
using Parquet.Schema;

namespace Lambda.Serving.Tests.Queries;

public sealed class ParquetColumnTests : IDisposable
{
    private static readonly Int128 Least39Digits = (Int128)decimal.MaxValue * 10_000_000_000;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"lambda-{Guid.NewGuid():N}.parquet");

    public static TheoryData<Type, object, string, string> Results => new()
    {
        { typeof(bool), true, "BOOLEAN", "true" },
        { typeof(sbyte), (sbyte)-7, "INTEGER", "-7" },
        { typeof(ushort), ushort.MaxValue, "INTEGER", "65535" },
        { typeof(int?), int.MinValue, "INTEGER", "-2147483648" },
        { typeof(uint), uint.MaxValue, "BIGINT", "4294967295" },
        { typeof(long?), long.MaxValue, "BIGINT", "9223372036854775807" },
        { typeof(ulong), ulong.MaxValue, "DECIMAL(38,0)", "18446744073709551615" },
        { typeof(Int128), -((Least39Digits / 10) + 7), "DECIMAL(38,0)", $"{-((Least39Digits / 10) + 7)}" },
        { typeof(float), 0.1f, "FLOAT", "0.1" },
        { typeof(double?), double.NaN, "DOUBLE", "-nan" },
        { typeof(double), double.NegativeInfinity, "DOUBLE", "-inf" },
        { typeof(decimal), 1.500m, "VARCHAR", "1.500" },
        { typeof(string), "Zürich", "VARCHAR", "Zürich" },
        { typeof(DateTime), new DateTime(1, 1, 1, 0, 0, 0, DateTimeKind.Utc), "TIMESTAMP WITH TIME ZONE", "0001-01-01 00:00:00+00" },
        { typeof(DateTimeOffset), new DateTimeOffset(9999, 12, 31, 23, 59, 59, 999, 999, TimeSpan.Zero), "TIMESTAMP WITH TIME ZONE", "9999-12-31 23:59:59.999999+00" },
        { typeof(DateOnly), new DateOnly(2024, 2, 29), "VARCHAR", "2024-02-29" },
        { typeof(TimeOnly), new TimeOnly(4, 5, 6), "VARCHAR", "04:05:06.0000000" },
        { typeof(ValueList<string>), new ValueList<string>(["a", "b,c"]), "VARCHAR", """["a","b,c"]""" },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(_path);

    [Theory]
    [MemberData(nameof(Results))]
    public async Task Results_come_back_in_the_type_that_Parquet_has_for_them(Type declared, object result, string type, string text)
    {
        ParquetColumn column = AnswerColumns.OfResult(ParquetForms.Instance, "x", declared, 0);
        await WriteAsync(column, [result, null, result]);
        Assert.Equal([$"{type}: {text}", $"{type}: NULL", $"{type}: {text}"], Query());
    }

    private async Task WriteAsync(ParquetColumn column, object?[] results)
    {
        ViewRow[] rows = [.. results.Select(result => new ViewRow(
            new NamedValues([], []), default, default, null, new NamedValues(["x"], [result]), WindowStatus.Open, null, default))];
        await using FileStream file = File.Create(_path);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(column.Field), file, cancellationToken: Cancellation);
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        await column.WriteAsync(group, rows, Cancellation);
    }

    private List<string> Query() => Duck.Texts($"SELECT typeof(x) || ': ' || coalesce(x::VARCHAR, 'NULL') FROM '{_path}'");
}
