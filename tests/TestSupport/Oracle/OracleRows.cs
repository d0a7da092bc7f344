using System.Globalization;

namespace Lambda.TestSupport.Oracle;

/// <summary>One key and window with its results.</summary>
public sealed record OracleRow(IReadOnlyList<object?> Key, long Start, long End, long EventCount, IReadOnlyList<object?> Results)
{
    /// <summary>A text that is equal exactly for equal rows: numbers by their bits, whatever integer type holds them.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"[{Join(Key)}] {Start}..{End} n={EventCount} ({Join(Results)})");

    private static string Join(IEnumerable<object?> values) => string.Join("; ", values.Select(OracleValues.Text));
}

/// <summary>Rows without order.</summary>
public sealed class OracleRows
{
    private readonly List<string> _lines;

    public OracleRows(IEnumerable<OracleRow> rows)
    {
        List<OracleRow> all = [.. rows];
        _lines = [.. all.Select(row => row.ToString()).Order(StringComparer.Ordinal)];
        EventCount = all.Sum(row => row.EventCount);
    }

    /// <summary>How many rows there are.</summary>
    public int Count => _lines.Count;

    /// <summary>How many events they are of.</summary>
    public long EventCount { get; }

    /// <summary>What the other has more or less, line by line; empty when both are equal.</summary>
    public string Difference(OracleRows actual)
    {
        IEnumerable<string> missing = Subtract(_lines, actual._lines).Select(line => "- " + line);
        IEnumerable<string> tooMuch = Subtract(actual._lines, _lines).Select(line => "+ " + line);
        return string.Join('\n', missing.Concat(tooMuch).Take(20));
    }

    private static IEnumerable<string> Subtract(List<string> from, List<string> lines)
    {
        Dictionary<string, int> left = lines.GroupBy(line => line, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count());
        foreach (string line in from)
        {
            if (left.TryGetValue(line, out int count) && count > 0)
            {
                left[line] = count - 1;
            }
            else
            {
                yield return line;
            }
        }
    }
}
