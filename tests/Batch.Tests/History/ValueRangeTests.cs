using System.Text;
using Lambda.Batch.History.Reading;
using Lambda.Batch.Tests.Audit;
using Lambda.Events;

namespace Lambda.Batch.Tests.History;

public class ValueRangeTests
{
    private static readonly IReadOnlyList<EventMember> Members = [.. Parcel.Catalog(_ => { }).Streams[0].Schema.All];

    [Theory]
    [InlineData("""{"minValues":{"code":"b"},"maxValues":{"code":"d"}}""", "a", "az", false)]
    [InlineData("""{"minValues":{"code":"b"},"maxValues":{"code":"d"}}""", "a", "b", true)]
    [InlineData("""{"minValues":{"code":"b"},"maxValues":{"code":"d"}}""", "d", "e", true)]
    [InlineData("""{"minValues":{"code":"b"},"maxValues":{"code":"d"}}""", "da", "e", false)]
    [InlineData("""{"minValues":{"code":"b"},"maxValues":{"code":"d\uFFFD"}}""", "da", "e", true)]
    [InlineData("""{"minValues":{"code":"\uFFFD"},"maxValues":{"code":"😀"}}""", "𝕏", "𝕏", true)]
    [InlineData("""{"minValues":{"id":"x"},"maxValues":{"id":"x"}}""", "a", "b", true)]
    [InlineData("""{"minValues":{"code":7},"maxValues":{"code":7}}""", "a", "b", true)]
    [InlineData("""{"numRecords":3}""", "a", "b", true)]
    public void A_file_is_left_out_only_if_its_bounds_say_so(string stats, string least, string greatest, bool mayHold) =>
        Assert.Equal(mayHold, MayHold(stats, "code", least, greatest));

    [Theory]
    [InlineData(1, 2, false)]
    [InlineData(1, 3, true)]
    [InlineData(5, 9, true)]
    [InlineData(6, 9, false)]
    public void A_member_of_an_object_has_bounds_in_an_object(int least, int greatest, bool mayHold) =>
        Assert.Equal(mayHold, MayHold("""{"minValues":{"to":{"floor":3}},"maxValues":{"to":{"floor":5}}}""", "to.floor", least, greatest));

    [Fact]
    public void Members_whose_equal_values_have_several_forms_have_no_bounds_to_rely_on() => Assert.Equal(
        ["id", "code", "size", "count", "due", "to.city", "to.floor", "it's\"a'name--"],
        Members.Where(SoughtValues.CanBe).Select(member => member.Path));

    [Fact]
    public void What_is_known_of_a_member_stays_known_and_is_not_taken_for_that_of_another()
    {
        byte[] stats = """{"minValues":{"size":1,"count":10},"maxValues":{"size":2,"count":20}}"""u8.ToArray();
        ColumnBounds bounds = new();
        for (int i = 0; i < 2; i++)
        {
            Assert.True(bounds.MayHold(stats, Range("size", 2, 3)));
            Assert.False(bounds.MayHold(stats, Range("size", 3, 3)));
            Assert.True(bounds.MayHold(stats, Range("count", 20, 30)));
            Assert.False(bounds.MayHold(stats, Range("count", 1, 2)));
        }
    }

    private static bool MayHold(string stats, string path, object least, object greatest) =>
        new ColumnBounds().MayHold(Encoding.UTF8.GetBytes(stats), Range(path, least, greatest));

    private static ValueRange Range(string path, object least, object greatest) => new(Members.Single(member => member.Path == path), least, greatest);
}
