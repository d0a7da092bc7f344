using System.Collections.Concurrent;
using System.Globalization;
using Lambda.Time;
using Lambda.Views.Closing;

namespace Lambda.Batch.Tests.Scan;

/// <summary>Writes each window as a line: key, start, end, results.</summary>
internal sealed class CollectedWindows : IWindowSink
{
    private readonly ConcurrentBag<string> _lines = [];

    public IReadOnlyCollection<string> Lines => _lines;

    public void Take(WindowBatch windows)
    {
        for (int row = 0; row < windows.Count; row++)
        {
            _lines.Add(Line(
            [
                .. windows.Keys.Select(key => key.GetValue(row)),
                UtcMicroseconds.ToDateTime(windows.Starts[row]),

                // The window of all time ends where no date can be shown any more.
                UtcMicroseconds.ToDateTime(Math.Min(windows.Ends[row], UtcMicroseconds.MaxValue)),
                .. windows.Results.Select(result => result.GetValue(row)),
            ]));
        }
    }

    public static string Line(object?[] values) => string.Join('|', values.Select(value => value switch
    {
        null => "null",
        DateTime time => time.ToString("yyyy-MM-ddTHH:mm:ss.ffffff", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    }));
}
