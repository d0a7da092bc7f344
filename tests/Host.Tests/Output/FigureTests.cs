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
    public void Structured_results_fit_into_a_cell(string json, string expected)
    {
        using var document = JsonDocument.Parse(json);
        Assert.Equal(expected, Figures.Of(document.RootElement));
    }
}
