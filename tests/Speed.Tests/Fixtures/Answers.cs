using System.Globalization;
using Lambda.Views;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>What a view answers, as text that is equal exactly for equal answers: doubles by their bits.</summary>
/// <param name="Accepted">Per key and window what came in time.</param>
/// <param name="Late">Per key and window what came late.</param>
public sealed record ViewAnswer(IReadOnlyList<string> Accepted, IReadOnlyList<string> Late);

internal static class Answers
{
    /// <summary>Composes partials of any partition and epoch. Aggregates named in <paramref name="except"/> are left out.</summary>
    public static ViewAnswer Compose(ViewDefinition view, IEnumerable<PartialBatch> partials, params string[] except)
    {
        WindowComposer composer = new(view);
        foreach (PartialBatch batch in partials)
        {
            composer.Add(batch);
        }

        bool[] isShown = [.. view.Aggregates.Select(aggregate => !except.Contains(aggregate.Name))];
        List<string> Lines(PartialSelection selection) =>
        [
            .. composer.Compose(selection, long.MinValue, long.MaxValue)
                .Select(row => Line(row.Key.Parts, row.Start, row.End, row.EventCount, row.Results.Where((_, index) => isShown[index])))
                .Order(StringComparer.Ordinal),
        ];
        return new ViewAnswer(Lines(PartialSelection.Accepted), Lines(PartialSelection.Late));
    }

    public static string Line(IEnumerable<object?> key, long start, long end, long count, IEnumerable<object?> results) =>
        $"[{Join(key)}] {start}..{end} n={count} ({Join(results)})";

    private static string Join(IEnumerable<object?> values) => string.Join("; ", values.Select(value => value switch
    {
        null => "null",
        string text => $"'{text}'",
        double number => string.Create(CultureInfo.InvariantCulture, $"{number:R}#{BitConverter.DoubleToInt64Bits(number):x}"),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    }));
}
