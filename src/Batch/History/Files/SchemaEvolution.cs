namespace Lambda.Batch.History.Files;

/// <summary>Which change of an event type a history takes: a nullable member more, at any depth. Rows that are there already have null in it.</summary>
internal static class SchemaEvolution
{
    /// <summary>Compares a table's columns with the ones its writer would give a new table.</summary>
    /// <returns>The columns with the new ones at the end, each within the object it is of; null when there is no new one.</returns>
    /// <exception cref="HistoryException">The change is any other.</exception>
    public static TableSchema? Plan(TableSchema stored, TableSchema wanted, string table)
    {
        List<string> problems = [];
        IReadOnlyList<TableField> merged = Merge(stored.Fields, wanted.Fields, "", problems);
        return problems.Count > 0
            ? throw new HistoryException(
                $"The event type does not fit the history '{table}': {string.Join("; ", problems)}. Nothing was written. Only nullable members "
                + "may be added; for another shape, use a new stream name.")
            : Count(merged) > Count(stored.Fields) ? new TableSchema(merged) : null;
    }

    private static List<TableField> Merge(IReadOnlyList<TableField> stored, IReadOnlyList<TableField> wanted, string path, List<string> problems)
    {
        List<TableField> merged = [];
        foreach (TableField before in stored)
        {
            TableField? field = wanted.FirstOrDefault(field => field.Name == before.Name);
            merged.Add(field is null ? before : Merge(before, field, path + before.Name, problems));
            if (field is null)
            {
                problems.Add($"member '{path}{before.Name}' is gone (keep it; it may stay unused)");
            }
        }

        foreach (TableField field in wanted.Where(field => stored.All(before => before.Name != field.Name)))
        {
            merged.Add(field);
            if (!field.IsNullable)
            {
                problems.Add($"member '{path}{field.Name}' is new but not nullable, and the rows there lack it (declare it nullable)");
            }
        }

        return merged;
    }

    private static TableField Merge(TableField before, TableField field, string path, List<string> problems)
    {
        if (before.Type != field.Type)
        {
            problems.Add($"member '{path}' was {before.Type} and is {field.Type} now (keep its type, and add one under another name)");
            return before;
        }

        if (before.IsNullable != field.IsNullable)
        {
            problems.Add($"member '{path}' was {Nullability(before)} and is {Nullability(field)} now (declare it as it was)");
        }

        return before with { Children = Merge(before.Children, field.Children, $"{path}.", problems) };
    }

    private static int Count(IReadOnlyList<TableField> fields) => fields.Sum(field => 1 + Count(field.Children));

    private static string Nullability(TableField field) => field.IsNullable ? "nullable" : "not nullable";
}
