using System.Text.Json.Serialization;
using Lambda.Definition;
using Lambda.Serving.Requests;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Serving.Tests.Requests;

/// <summary>Which value of a key part a parameter stands for.</summary>
public sealed class KeyFilterTests
{
    private static readonly ViewDefinition View = Declare();

    public enum Light
    {
        Red,
        Green,

        [JsonStringEnumMemberName("amber")]
        Yellow,
    }

    [Theory]
    [InlineData("light", "Red", "Red")]
    [InlineData("light", "red", "Red")]
    [InlineData("light", "GREEN", "Green")]
    [InlineData("light", "amber", "amber")]
    [InlineData("light", "1", "Green")]
    [InlineData("before", "green", "Green")]
    [InlineData("made", "green", "Green")]
    [InlineData("made", "7", "7")]
    [InlineData("guid", "D85B1407-351D-4694-9392-03ACC5870EB1", "d85b1407-351d-4694-9392-03acc5870eb1")]
    [InlineData("day", "2024-02-29", "2024-02-29")]
    [InlineData("took", "1:30:00", "01:30:00")]
    [InlineData("page", "not an address", "not an address")]
    [InlineData("text", "", "")]
    [InlineData("small", "255", 255)]
    [InlineData("signed", "-128", -128)]
    [InlineData("short", "-32768", -32768)]
    [InlineData("port", "65535", 65535)]
    [InlineData("large", "4294967295", 4294967295L)]
    public void A_value_is_found_in_any_spelling_that_events_may_have(string part, string text, object expected)
    {
        object? value = Assert.Single(Take(part, text)).Value;

        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("light", "nope", "Give one of: Red, Green, amber.")]
    [InlineData("light", "", "Give one of: Red, Green, amber.")]
    [InlineData("light", "AMBER", "Give one of: Red, Green, amber.")]
    [InlineData("light", "Yellow", "Give one of: Red, Green, amber.")]
    [InlineData("light", "7", "Give one of: Red, Green, amber.")]
    [InlineData("before", "nope", "Give one of: Red, Green, amber.")]
    [InlineData("made", "nope", "Give one of: Red, Green, amber.")]
    [InlineData("made", "5000000000", "Give one of: Red, Green, amber.")]
    [InlineData("guid", "zzz", "Give a Guid such as d85b1407-351d-4694-9392-03acc5870eb1.")]
    [InlineData("guid", "{d85b1407-351d-4694-9392-03acc5870eb1}", "Give a Guid")]
    [InlineData("day", "nope", "Give a date such as 2024-02-29.")]
    [InlineData("day", "2023-02-29", "Give a date such as 2024-02-29.")]
    [InlineData("day", "1", "Give a date such as 2024-02-29.")]
    [InlineData("took", "an hour", "Give a duration such as 01:30:00.")]
    [InlineData("small", "256", "Give a whole number from 0 to 255.")]
    [InlineData("signed", "-129", "Give a whole number from -128 to 127.")]
    [InlineData("short", "32768", "Give a whole number from -32768 to 32767.")]
    [InlineData("port", "-1", "Give a whole number from 0 to 65535.")]
    [InlineData("large", "-1", "Give a whole number from 0 to 4294967295.")]
    public void A_value_that_the_type_of_a_part_does_not_have_is_refused_with_those_that_it_has(string part, string text, string expected)
    {
        RequestException refusal = Assert.Throws<RequestException>(() => Take(part, text));

        Assert.StartsWith($"Key part '{part}' cannot be '{text}'. ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyDictionary<int, object?> Take(string part, string text) =>
        KeyFilter.Take(new Parameters([new(part, text)]), View, "");

    private static ViewDefinition Declare()
    {
        StreamBuilder<Signal> signals = new StreamBuilder<Signal>("signals").EventTime(s => s.Time).EventId(s => s.Guid);
        signals.View("by_everything")
            .GroupBy(s => new { s.Light, s.Before, Made = (Light)s.Number, s.Guid, s.Day, s.Took, s.Page, s.Text, s.Small, s.Signed, s.Short, s.Port, s.Large })
            .Window(Tumbling.Every(TimeSpan.FromDays(1)))
            .Aggregate(a => new { Signals = a.Count() });
        return Catalog.Build([signals]).FindView("by_everything")!;
    }

    public sealed record Signal(
        DateTime Time, Light Light, Light? Before, int Number, Guid Guid, DateOnly Day, TimeSpan Took, Uri Page, string Text, byte Small, sbyte Signed, short Short,
        ushort Port, uint Large);
}
