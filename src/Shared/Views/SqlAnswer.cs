using Lambda.Aggregation.Sql;
using Lambda.Windows;

namespace Lambda.Views;

/// <summary>What a store that speaks SQL needs to know to show a view's answers by itself.</summary>
/// <param name="Windows">How its windows are made of partials; null when SQL cannot make them.</param>
/// <param name="Columns">
/// What is shown of a window, named as in answers. In their expressions <c>{0}</c>, <c>{1}</c> and so on are the layout's state columns.
/// </param>
internal sealed record SqlAnswer(SqlWindows? Windows, IReadOnlyList<SqlColumn> Columns);
