using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Keys;

namespace Lambda.Batch.Tests.Recompute;

public class ResultJsonTests
{
    [Fact]
    public void Numbers_are_exact_and_what_json_has_no_number_for_is_text()
    {
        ViewDefinition view = Orders.Catalog().Streams[0].Views[0];
        WindowRow row = new(
            new WindowAddress(new GroupKey(["a\"b"]), 0, null),
            1,
            1,
            [1L, Int128.MaxValue, double.NaN, 79228162514264337593543950335m, double.NegativeInfinity, null],
            []);

        Assert.Equal(
            """{"orders":1,"amount":170141183460469231731687303715884105727,"weight":"NaN","meanPrice":79228162514264337593543950335,"""
            + "\"lightest\":\"-Infinity\",\"largest\":null}",
            ResultJson.Results(view, row));
        Assert.Equal("""{"shop":"a\u0022b"}""", ResultJson.Key(view, row.Key));
    }
}
