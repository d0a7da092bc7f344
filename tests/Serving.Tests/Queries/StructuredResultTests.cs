using System.Text.Json;
using Lambda.Aggregation;
using Lambda.Serving.Formats;
using Lambda.Serving.Queries;

namespace Lambda.Serving.Tests.Queries;

public class StructuredResultTests
{
    private static readonly ValueList<ValueCount> Top = new([new("LAX", 3), new("a,b", 1)]);

    [Fact]
    public void Answers_hold_them_as_json() => Assert.Equal(
        """{"top":[{"value":"LAX","count":3},{"value":"a,b","count":1}],"none":null}""",
        JsonSerializer.Serialize(new NamedValues(["top", "none"], [Top, null])));

    [Fact]
    public void Csv_has_them_as_json_in_one_field()
    {
        CsvWriter csv = new();
        csv.Field(Top);
        csv.Field(new DateOnly(2024, 2, 29));
        csv.EndRecord();
        Assert.Equal("\"[{\"\"value\"\":\"\"LAX\"\",\"\"count\"\":3},{\"\"value\"\":\"\"a,b\"\",\"\"count\"\":1}]\",2024-02-29\r\n", csv.TakeText());
    }

    /// <summary>Aggregators of users may give them. They were as in the United States, months first, and times of day without their seconds.</summary>
    [Fact]
    public void Csv_has_dates_and_times_of_day_as_iso_8601()
    {
        CsvWriter csv = new();
        csv.Field(new DateTime(2024, 3, 1, 4, 5, 6, DateTimeKind.Utc).AddTicks(1));
        csv.Field(new TimeOnly(4, 5, 6));
        csv.EndRecord();
        Assert.Equal("2024-03-01T04:05:06.0000001Z,04:05:06.0000000\r\n", csv.TakeText());
    }

    [Fact]
    public void Only_numbers_have_a_difference()
    {
        Assert.Null(Difference.Of(Top, Top));
        Assert.Null(Difference.Of("b", "a"));
        Assert.Equal((Int128)3, Difference.Of((short)5, (short)2));
        Assert.Equal(0.5, Difference.Of(1.5f, 1f));
    }
}
