using Lambda.Aggregation.Values;
using Lambda.Events;

namespace Lambda.Aggregation.Sql;

/// <summary>How SQL compares and shows values that are stored by a codec.</summary>
internal static class SqlValues<T, TCodec>
    where TCodec : struct, IValueCodec<T>
{
    /// <summary>Whether SQL orders them as the codec does. Enumerations are in the order of numbers that only the program knows.</summary>
    public static bool AreOrdered => !typeof(T).IsEnum;

    /// <summary>The expression of a stored value as an answer shows it.</summary>
    public static string Shown(string value) => typeof(T) switch
    {
        var type when type == typeof(DateOnly) => $"({value} AT TIME ZONE 'UTC')::date",
        var type when type == typeof(TimeSpan) => $"{value} / 10.0::double precision * interval '1 microsecond'",
        _ => value,
    };

    /// <summary>The least of the values of a column, in which NaN comes first.</summary>
    public static string Least(string column) => TCodec.Column switch
    {
        ColumnType.Boolean => $"bool_and({column})",
        ColumnType.Double => $"CASE WHEN bool_or({column} = 'NaN') THEN 'NaN' ELSE min({column}) END",
        _ => $"min({column})",
    };

    /// <summary>The greatest of the values of a column, in which NaN comes last, as in PostgreSQL.</summary>
    public static string Greatest(string column) => TCodec.Column == ColumnType.Boolean ? $"bool_or({column})" : $"max({column})";

    /// <summary>The terms of ORDER BY that put the least first.</summary>
    public static string LeastFirst(string column) => TCodec.Column == ColumnType.Double ? $"({column} = 'NaN') DESC, {column}" : column;

    /// <summary>The columns of an optional value: one, or none where SQL does not know the order.</summary>
    public static IReadOnlyList<SqlColumn> Extreme(string expression) => AreOrdered ? [new SqlColumn("", Shown(expression))] : [];

    /// <summary>The columns of a value that is picked from the states of a <see cref="Functions.TimedState{T}"/> by an order.</summary>
    public static IReadOnlyList<SqlColumn> Picked(string order) =>
        [new SqlColumn("", Shown($"(array_agg({{0}} ORDER BY {order}) FILTER (WHERE {{1}} IS NOT NULL))[1]"))];
}
