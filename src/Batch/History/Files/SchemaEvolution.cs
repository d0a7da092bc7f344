namespace Lambda.Batch.History.Files;

/// <summary>Which change of an event type a history takes: a nullable member more. Rows that are there already have null in it.</summary>
internal static class SchemaEvolution
{
    /// <summary>Compares a table's columns with the ones its writer would give a new table.</summary>
    /// <returns>The columns with the new ones at the end; null when there is no new one.</returns>
    /// <exception cref="HistoryException">The change is any other.</exception>
    public static TableSchema? Plan(TableSchema stored, TableSchema wanted, string table)
    {
        List<string> problems = [];
        List<TableField> added = [];
        foreach (TableField field in wanted.Fields)
        {
            TableField? before = stored.Find(field.Name);
            if (before is null && field.IsNullable)
            {
                added.Add(field);
            }
            else if (before is null)
            {
                problems.Add($"member '{field.Name}' is new but not nullable, and the rows there lack it (declare it nullable)");
            }
            else if (before.Type != field.Type)
            {
                problems.Add($"member '{field.Name}' was {before.Type} and is {field.Type} now (keep its type, and add one under another name)");
            }
            else if (before.IsNullable != field.IsNullable)
            {
                problems.Add($"member '{field.Name}' was {Nullability(before)} and is {Nullability(field)} now (declare it as it was)");
            }
        }

        problems.AddRange(stored.Fields.Where(field => wanted.Find(field.Name) is null)
            .Select(field => $"member '{field.Name}' is gone (keep it; it may stay unused)"));
        return problems.Count > 0
            ? throw new HistoryException(
                $"The event type does not fit the history '{table}': {string.Join("; ", problems)}. Nothing was written. Only nullable members "
                + "may be added; for another shape, use a new stream name.")
            : added.Count > 0 ? new TableSchema([.. stored.Fields, .. added]) : null;
    }

    private static string Nullability(TableField field) => field.IsNullable ? "nullable" : "not nullable";
}
