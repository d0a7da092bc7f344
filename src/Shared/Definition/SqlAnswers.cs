using System.Globalization;
using Lambda.Aggregation.Sql;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Definition;

/// <summary>What SQL can say of a view.</summary>
internal static class SqlAnswers
{
    /// <summary>The answers of a view with these windows and aggregates.</summary>
    public static SqlAnswer Of(WindowSpec window, IReadOnlyList<AggregateDefinition> aggregates)
    {
        List<SqlColumn> columns = [];
        int first = 0;
        foreach (AggregateDefinition aggregate in aggregates)
        {
            int states = aggregate.Function.StateColumns.Count;
            foreach (SqlColumn column in aggregate.Function.SqlColumns)
            {
                columns.Add(new SqlColumn(
                    column.Name.Length == 0 ? aggregate.Name : $"{aggregate.Name}_{column.Name}", Renumber(column.Expression, first, states)));
            }

            first += states;
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

    /// <summary>Puts the places of state columns within the layout for those within the aggregate.</summary>
    private static string Renumber(string expression, int first, int states)
    {
        // From the last on: a place once moved lies behind all that are still to be moved, or is its own.
        for (int place = states - 1; place >= 0; place--)
        {
            expression = expression.Replace(
                string.Create(CultureInfo.InvariantCulture, $"{{{place}}}"),
                string.Create(CultureInfo.InvariantCulture, $"{{{first + place}}}"),
                StringComparison.Ordinal);
        }

        return expression;
    }
}
