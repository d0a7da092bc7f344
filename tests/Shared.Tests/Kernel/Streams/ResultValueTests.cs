using Lambda.Aggregation;
using Lambda.Views.Composing;
using Xunit;

namespace Lambda.Tests.Kernel.Streams;

public sealed class ResultValueTests
{
    [Fact]
    public void Structures_are_objects_and_lists_whose_values_are_written_as_everywhere()
    {
        Assert.Equal("""[{"value":"Ä","count":3},{"value":"NaN","count":1}]""", ResultValue.ToJson(Top("Ä", double.NaN)));
        Assert.Equal("""{"values":[1.50,"2024-02-29","2001-01-01T00:00:00.000001Z"],"isCut":true}""", ResultValue.ToJson(new CollectedSet(
            new ValueList<object>([1.50m, new DateOnly(2024, 2, 29), new DateTimeOffset(2001, 1, 1, 2, 0, 0, TimeSpan.FromHours(2)).AddTicks(10)]), IsCut: true)));
        Assert.Equal("""{"buckets":[{"from":null,"to":0.5,"count":0},{"from":0.5,"to":null,"count":7}],"notANumber":2}""", ResultValue.ToJson(
            new Histogram(new ValueList<HistogramBucket>([new(null, 0.5, 0), new(0.5, null, 7)]), NotANumber: 2)));
        Assert.Equal("""{"longest":7,"share":"NaN"}""", ResultValue.ToJson(new OwnResult(7, double.NaN)));
    }

    [Fact]
    public void Structures_are_the_same_when_their_values_are()
    {
        Assert.True(ResultValue.AreSame(Top("a", 1L), Top("a", 1L)));
        Assert.False(ResultValue.AreSame(Top("a", 1L), Top("a", 2L)));
        Assert.True(ResultValue.AreSame(new double[] { 1, double.NaN }, new double[] { 1, double.NaN }));
        Assert.False(ResultValue.AreSame(0.0, -0.0));
        Assert.False(ResultValue.AreSame(null, Top("a", "b")));
    }

    [Fact]
    public void Results_of_own_types_are_the_same_when_they_are_shown_alike()
    {
        Assert.True(ResultValue.AreSame(new List<int> { 1, 2 }, new List<int> { 1, 2 }));
        Assert.False(ResultValue.AreSame(new List<int> { 1, 2 }, new List<int> { 2, 1 }));
        Assert.True(ResultValue.AreSame(new OwnList("a", [1, double.NaN]), new OwnList("a", [1, double.NaN])));
        Assert.False(ResultValue.AreSame(new OwnList("a", [1, double.NaN]), new OwnList("a", [1, 2])));
        Assert.True(ResultValue.AreSame(("a", new List<int> { 1 }), ("a", new List<int> { 1 })));
        Assert.False(ResultValue.AreSame(("a", new List<int> { 1 }), ("a", new List<int> { 2 })));
        Assert.False(ResultValue.AreSame(new OwnResult(7, 1), new OwnList("a", [])));
    }

    [Fact]
    public void Fields_of_own_types_are_shown() => Assert.Equal("""{"item1":"a","item2":2}""", ResultValue.ToJson(("a", 2)));

    [Fact]
    public void A_result_that_cannot_be_shown_names_its_type()
    {
        AggregatorException error = Assert.Throws<AggregatorException>(() => ResultValue.ToJson(new Endless()));
        Assert.Contains(nameof(Endless), error.Message, StringComparison.Ordinal);
    }

    private static ValueList<ValueCount> Top(object most, object next) => new([new(most, 3), new(next, 1)]);

    private sealed record OwnResult(int Longest, double Share);

    private sealed record OwnList(string Name, IReadOnlyList<double> Values);

    private sealed class Endless
    {
        public Endless Self => this;
    }
}
