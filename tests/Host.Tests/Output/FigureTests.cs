using System.Text.Json;
using Lambda.Hosting.Output;
using Xunit;

namespace Lambda.Host.Tests.Output;

public class FigureTests
{
    [Theory]
    [InlineData("""[{"value":"LAX","count":1300},{"value":"JFK","count":2}]""", "LAX (1,300), JFK (2)")]
    [InlineData("""{"values":["a",2],"isCut":true}""", "a, 2, …")]
    [InlineData("""{"values":[],"isCut":false}""", "")]
    [InlineData("""{"buckets":[{"from":null,"to":0,"count":0},{"from":0,"to":10.5,"count":4},{"from":10.5,"to":null,"count":1}],"notANumber":0}""", "0..10.5: 4, 10.5..: 1")]
    [InlineData("""{"longest":7}""", """{"longest":7}""")]
    [InlineData("""{"of":"\u003CO\u0027Hare \u002B Söhne\u003E \u001b[2J","sum":12345678901234567890.10}""", """{"of":"<O'Hare + Söhne> \u001B[2J","sum":12345678901234567890.10}""")]
    [InlineData("""{"of":"\uD83D\uDE00 \\uD83D\\uDE00 \u009B\u2028"}""", """{"of":"😀 \\uD83D\\uDE00 \u009B\u2028"}""")]
    public void Structured_results_fit_into_a_cell(string json, string expected)
    {
        using var document = JsonDocument.Parse(json);
        Assert.Equal(expected, Figures.Of(document.RootElement));
    }

    /// <summary>A largest double had 411 characters, and one ten-thousandth was 0.</summary>
    [Theory]
    [InlineData("1E+308", "1E+308")]
    [InlineData("-79228162514264337593543950335", "-7.923E+28")]
    [InlineData("12345678901.5", "12,345,678,901.5")]
    [InlineData("0.0001", "1E-4")]
    [InlineData("-0.0012", "-0.001")]
    [InlineData("0.0", "0")]
    [InlineData("9223372036854775807", "9,223,372,036,854,775,807")]
    public void Numbers_stay_short_and_what_is_not_zero_is_not_shown_as_zero(string json, string expected)
    {
        using var document = JsonDocument.Parse(json);
        Assert.Equal(expected, Figures.Of(document.RootElement));
    }

    [Fact]
    public void Characters_that_a_terminal_obeys_are_written_out() =>
        Assert.Equal("A\\u001B[31m\\u0007\\u009B\\u000Aö", Figures.Cell("A\u001b[31m\u0007\u009b\nö"));

    [Theory]
    [InlineData("kkkkkkkkkk", 12, 120)]
    [InlineData("kkkkkkkkkk", 13, 120)]
    [InlineData("😀", 60, 120)]
    [InlineData("😀", 61, 119)]
    public void Long_texts_are_cut_between_characters(string part, int times, int length)
    {
        string text = string.Concat(Enumerable.Repeat(part, times));
        string cell = Figures.Cell(text);
        Assert.Equal(length, cell.Length);
        Assert.Equal(text.Length > 120, cell.EndsWith('…'));
        Assert.False(char.IsHighSurrogate(cell[^2]) && !char.IsLowSurrogate(cell[^1]));
    }
}
