using System.Globalization;
using Lambda.Batch.Recompute;
using Lambda.Events;
using Lambda.Store;
using Lambda.Views.Partials;
using Lambda.Views.Plans;

namespace Lambda.Batch.Tests.Recompute.Parts;

/// <summary>All that was computed as lines in an order of their own, bit for bit.</summary>
internal static class ComputedText
{
    public static IReadOnlyList<string> Of(StreamPlan plan, Computation computed)
    {
        List<string> lines = [];
        for (int view = 0; view < plan.Views.Count; view++)
        {
            foreach (PartialKind kind in Enum.GetValues<PartialKind>())
            {
                lines.AddRange(Of(computed.Partials.Export(kind, view)).Select(line => $"{plan.Views[view].View.Name} {kind}: {line}"));
                if (kind != PartialKind.AsRead)
                {
                    lines.AddRange(Of(computed.Partials.Collected(kind, view)).Select(line => $"{plan.Views[view].View.Name} {kind} collected: {line}"));
                }
            }
        }

        lines.AddRange(computed.RowsByDate.Select(date => $"{date.Key:O}: {date.Value}"));
        lines.AddRange(computed.Repetitions.Select(position => $"repetition {position}"));
        lines.Sort(StringComparer.Ordinal);
        lines.AddRange(computed.Refused.Select(row => row.ToString()));
        lines.AddRange(Enumerable.Range(0, computed.Coverage.Partitions).Select(
            partition => $"missing {partition}: {string.Join(", ", computed.Coverage.Missing(partition))}"));
        lines.Add($"{computed.Undecodable}, {computed.UndecodableBefore}, {computed.Overtaken}, {computed.Coverage.RepeatCount}");
        return lines;
    }

    /// <summary>The rows of partials, in any order.</summary>
    public static IEnumerable<string> Of(PartialBatch partials)
    {
        List<ColumnBuffer> columns = [.. partials.Keys, partials.Starts, partials.Ends, partials.Missed, partials.EventCounts, .. partials.States];
        if (partials.Positions is { } positions)
        {
            columns.AddRange([positions.Partitions, positions.Offsets]);
        }

        if (partials.LiveSessions is { } live)
        {
            columns.AddRange([live.Starts, live.Ends]);
        }

        for (int row = 0; row < partials.Count; row++)
        {
            yield return string.Join(" | ", columns.Select(column => Of(column.GetValue(row))));
        }
    }

    private static string Of(object? value) => value switch
    {
        null => "null",
        byte[] bytes => Convert.ToHexString(bytes),
        double number => BitConverter.DoubleToInt64Bits(number).ToString("x16", CultureInfo.InvariantCulture),
        decimal number => string.Join('.', decimal.GetBits(number)),
        string text => $"'{string.Join(' ', text.Select(unit => ((int)unit).ToString("x4", CultureInfo.InvariantCulture)))}'",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };
}
