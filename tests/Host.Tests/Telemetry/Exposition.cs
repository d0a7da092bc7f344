using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Lambda.Host.Tests.Telemetry;

/// <summary>What a process tells Prometheus, read line by line; a line that is none of its text format fails the test.</summary>
internal sealed partial class Exposition
{
    private readonly Dictionary<string, string> _types = [];
    private readonly List<Sample> _samples = [];

    private Exposition()
    {
    }

    /// <summary>By the name of a metric its type, such as <c>counter</c>.</summary>
    public IReadOnlyDictionary<string, string> Types => _types;

    public IReadOnlyList<Sample> Samples => _samples;

    public static Exposition Parse(string text)
    {
        Exposition exposition = new();
        foreach (string line in text.Split('\n').Where(line => line.Length > 0))
        {
            if (TypeLine().Match(line) is { Success: true } type)
            {
                exposition._types.Add(type.Groups["name"].Value, type.Groups["type"].Value);
            }
            else if (SampleLine().Match(line) is { Success: true } sample)
            {
                exposition._samples.Add(new Sample(
                    sample.Groups["name"].Value,
                    Label().Matches(sample.Groups["labels"].Value).ToDictionary(label => label.Groups["name"].Value, label => label.Groups["value"].Value),
                    double.Parse(sample.Groups["value"].Value.Replace("+Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture)));
            }
            else
            {
                Assert.True(line.StartsWith("# HELP ", StringComparison.Ordinal) || line.StartsWith("# UNIT ", StringComparison.Ordinal) || line == "# EOF", line);
            }
        }

        return exposition;
    }

    /// <summary>The sum of a metric's samples that have these labels, each as <c>name=value</c>.</summary>
    public double Sum(string name, params string[] labels) => Of(name, labels).Sum(sample => sample.Value);

    /// <summary>A metric's samples that have these labels, each as <c>name=value</c>.</summary>
    public IEnumerable<Sample> Of(string name, params string[] labels) => _samples.Where(
        sample => sample.Name == name && labels.All(label => sample.Labels.Any(has => $"{has.Key}={has.Value}" == label)));

    [GeneratedRegex("^# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<type>counter|gauge|histogram|summary|untyped|info)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*",?)*)\})? (?<value>[0-9eE.+-]+|NaN|[+-]Inf)( [0-9]+)?$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>([^"\\]|\\.)*)""")]
    private static partial Regex Label();
}

/// <summary>One value.</summary>
internal sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);
