using System.Text.RegularExpressions;
using Lambda.Batch.Audit.Profile;

namespace Lambda.Batch.Tests.Audit;

public class ProfileTests
{
    [Theory]
    [InlineData("F[0-9]{6}", "F000001", "F000002", "F123456")]
    [InlineData("[A-Z]{3}", "ATL", "DFW", "ORD")]
    [InlineData("[a-z]{1,4}@x\\.[a-z]{2,3}", "a@x.de", "bob@x.com", "anna@x.de")]
    [InlineData("[a-z0-9]{4}\\-[a-z0-9]{2}", "ab12-0f", "1234-aa", "zz9z-77")]
    [InlineData("Zürich [0-9]", "Zürich 1", "Zürich 2", "Zürich 3")]
    [InlineData(null, "a", "a b", "a-b")]
    [InlineData(null, "", "a", "b")]
    [InlineData(null, "Köln", "Ulm", "Bonn")]
    public void A_pattern_is_guessed_that_all_examples_match(string? pattern, params string[] examples)
    {
        string[] many = [.. Enumerable.Range(0, 12).Select(i => examples[i % examples.Length])];

        Assert.Equal(pattern, PatternGuess.Of(many));
        Assert.All(examples, example => Assert.True(pattern is null || Regex.IsMatch(example, $"^(?:{pattern})\\z")));
    }

    [Fact]
    public void Few_examples_and_endless_ones_tell_nothing()
    {
        Assert.Null(PatternGuess.Of(["ATL", "DFW"]));
        Assert.Null(PatternGuess.Of([.. Enumerable.Repeat(new string('a', 1_001), 12)]));
    }

    [Fact]
    public void A_long_text_is_given_up_where_its_run_is_too_long()
    {
        string[] many = [.. Enumerable.Repeat(new string('a', 50_000), 12)];
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Null(PatternGuess.Of(many));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
    }

    [Fact]
    public void Proposals_are_lines_of_CSharp_whatever_the_names_and_values_are()
    {
        var members = Parcel.Catalog(_ => { }).Streams[0].Schema;

        Assert.Equal(
            ".Expect(e => e.AllowedValues(f => f.To!.City, \"\", \"a\\\"b\", \"line\\nbreak\\u2028\\u0085\", \"Ü\\\\\", \"😀\"))",
            Proposals.AllowedValues(members.Find("To")!.Find("City")!, ["Ü\\", "", "a\"b", "line\nbreak\u2028\u0085", "😀"]));
        Assert.Equal(".Expect(e => e.Range(f => f.Weight, -1.5m, 2m))", Proposals.Range(members.Find("Weight")!, "-1.5", "2"));
        Assert.Equal(".Expect(e => e.Completeness(f => f.Hostile, atLeast: 0.97))", Proposals.Completeness(members.Find("Hostile")!, 0.021));
    }
}
