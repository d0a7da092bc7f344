using System.Globalization;

namespace Lambda.Bench;

/// <summary>How long each of many things of a kind took.</summary>
internal sealed class Waits
{
    private readonly List<double> _milliseconds;

    /// <param name="milliseconds">What each took.</param>
    public Waits(IEnumerable<double> milliseconds) => _milliseconds = [.. milliseconds.Order()];

    /// <summary>All of several together.</summary>
    public static Waits Of(IEnumerable<Waits> parts) => new(parts.SelectMany(part => part._milliseconds));

    public int Count => _milliseconds.Count;

    public double Longest => Count == 0 ? 0 : _milliseconds[^1];

    /// <summary>What so many of a hundred took at most.</summary>
    public double Percentile(double percent) => Count == 0 ? 0 : _milliseconds[Math.Min(Count - 1, (int)(Count * percent / 100))];

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"p50 {Percentile(50):F1} ms, p99 {Percentile(99):F1} ms, most {Longest:F1} ms, {Count:N0} of them");
}
