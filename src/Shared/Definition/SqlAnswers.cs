using System.Globalization;
using System.Text.RegularExpressions;
using Lambda.Aggregation.Sql;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Definition;

/// <summary>What SQL can say of a view.</summary>
internal static partial class SqlAnswers
{
    /// <summary>The answers of a view with these windows and aggregates.</summary>
    public static SqlAnswer Of(WindowSpec window, IReadOnlyList<AggregateDefinition> aggregates)
    {
        int[][] places = Places(aggregates);
        List<SqlColumn> columns = [];
        for (int i = 0; i < aggregates.Count; i++)
        {
            string name = aggregates[i].Name;
            columns.AddRange(aggregates[i].Function.SqlColumns.Select(column => new SqlColumn(
                column.Name.Length == 0 ? name : $"{name}_{column.Name}", Renumber(column.Expression, places[i]))));
        }

        return new SqlAnswer(
            window switch
            {
                SlicedWindows sliced => sliced.Slicing.Sql,
                SessionWindows => new SqlWindows(SqlWindowRule.Session),
                _ => null,
            },
            columns);
    }

    /// <summary>Per aggregate the places of its state columns, or of those of the state that it shares, within the layout.</summary>
    private static int[][] Places(IReadOnlyList<AggregateDefinition> aggregates)
    {
        int[] first = new int[aggregates.Count];
        for (int i = 1; i < first.Length; i++)
        {
            first[i] = first[i - 1] + aggregates[i - 1].StateColumns.Count;
        }

        return
        [
            .. aggregates.Select((aggregate, i) => aggregate.Shared is { } shared
                ? shared.Answer.Columns.Select(column => first[shared.Holder] + column).ToArray()
                : [.. Enumerable.Range(first[i], aggregate.StateColumns.Count)]),
        ];
    }

    /// <summary>Puts the places of state columns within the layout for those within the aggregate.</summary>
    private static string Renumber(string expression, int[] places) => PlaceOfColumn().Replace(
        expression,
        match => int.Parse(match.ValueSpan[1..^1], CultureInfo.InvariantCulture) is var place && place < places.Length
            ? string.Create(CultureInfo.InvariantCulture, $"{{{places[place]}}}")
            : match.Value);

    [GeneratedRegex(@"\{[0-9]{1,4}\}")]
    private static partial Regex PlaceOfColumn();
}
