using Lambda.Serving.Queries;
using Lambda.Serving.Tests.Running;
using Lambda.Views.Composing;
using Lambda.Views.Keys;

namespace Lambda.Serving.Tests.Queries;

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

    private static RowCursor BehindKeyOf(int length) => new([], new WindowAddress(new GroupKey([new string('k', length)]), 0, null));
}
