using Lambda.Serving.Requests;
using Lambda.Serving.Tests.Running;
using Lambda.Views.Composing;
using Lambda.Views.Keys;

namespace Lambda.Serving.Tests.Requests;

public sealed class CursorTextTests
{
    [Fact]
    public void A_long_key_has_a_cursor_as_long_as_it_fits_into_a_request()
    {
        CursorText cursors = new(Sample.Catalog().Streams[0].Views[0], [], "any");
        RowCursor place = BehindKeyOf(20_000);
        string text = Assert.IsType<string>(cursors.Write(place));
        Assert.Equal(place.Address, cursors.Read(text).Address);
        Assert.Null(cursors.Write(BehindKeyOf(30_000)));
    }

    /// <summary>Each of them took six bytes.</summary>
    [Theory]
    [InlineData("ü", 10_000)]
    [InlineData("語", 6_500)]
    [InlineData("+", 20_000)]
    public void A_long_key_of_any_script_has_one(string character, int length)
    {
        CursorText cursors = new(Sample.Catalog().Streams[0].Views[0], [], "any");
        RowCursor place = BehindKeyOf(length, character[0]);
        Assert.Equal(place.Address, cursors.Read(Assert.IsType<string>(cursors.Write(place))).Address);
    }

    private static RowCursor BehindKeyOf(int length, char character = 'k') =>
        new([], new WindowAddress(new GroupKey([new string(character, length)]), 0, null));
}
