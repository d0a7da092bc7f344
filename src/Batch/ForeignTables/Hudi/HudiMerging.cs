namespace Lambda.Batch.ForeignTables.Hudi;

/// <summary>Which of the changes of a row counts.</summary>
/// <param name="Ordering">The column whose highest value does; null for the latest change.</param>
internal sealed record HudiMerging(string? Ordering)
{
    private const string EventTime = "EVENT_TIME_ORDERING";
    private const string CommitTime = "COMMIT_TIME_ORDERING";
    private const string Payloads = "org.apache.hudi.common.model.";
    private const string DeleteField = "hoodie.payload.delete.field";
    private const string MergeProperties = "hoodie.record.merge.property.";
    private const string Advice = "Have the engine compact the table, and read it then, or an instant right after a compaction.";

    /// <summary>Identities of strategies, which tables of version 6 have where they tell no class.</summary>
    private static readonly Dictionary<string, string> Strategies = new(StringComparer.OrdinalIgnoreCase)
    {
        ["eeb8d96f-b1e4-49fd-bbf8-28ac514178e5"] = EventTime,
        ["ce9acb64-bde0-424c-9b91-f6ebba25356d"] = CommitTime,
    };

    private static readonly Dictionary<string, string> Classes = new(StringComparer.Ordinal)
    {
        [Payloads + "DefaultHoodieRecordPayload"] = EventTime,
        [Payloads + "EventTimeAvroPayload"] = EventTime,
        [Payloads + "OverwriteWithLatestAvroPayload"] = CommitTime,
    };

    /// <summary>Reads it from a table's settings.</summary>
    /// <exception cref="ForeignTableException">Rows are merged in a way that is not known.</exception>
    public static HudiMerging Read(HudiProperties properties, TableFolder folder)
    {
        string? unsupported = properties["hoodie.populate.meta.fields"] is { } meta && !meta.Equals("true", StringComparison.OrdinalIgnoreCase)
                ? "changes in logs, and files without the keys of their rows (hoodie.populate.meta.fields)"
            : properties["hoodie.table.partial.update.mode"] is { } partial && !partial.Equals("NONE", StringComparison.OrdinalIgnoreCase)
                ? $"changes in logs that update parts of rows (hoodie.table.partial.update.mode={partial})"
            : properties.Names.FirstOrDefault(name => name == DeleteField || name.StartsWith(MergeProperties, StringComparison.Ordinal)) is { } setting
                ? $"changes in logs that are merged by '{setting}={properties[setting]}'"
            : null;
        if (unsupported is not null)
        {
            throw folder.Unsupported(unsupported, Advice);
        }

        string[] ordering = (properties["hoodie.table.ordering.fields"] ?? properties["hoodie.table.precombine.field"] ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return Mode(properties) switch
        {
            CommitTime => new HudiMerging((string?)null),
            EventTime or null when ordering.Length == 0 => new HudiMerging((string?)null),
            EventTime or null when ordering is [var column] => new HudiMerging(column),
            EventTime or null => throw folder.Unsupported($"changes in logs that are ordered by several columns ({string.Join(", ", ordering)})", Advice),
            var mode => throw folder.Unsupported($"changes in logs that are merged by '{mode}'", Advice),
        };
    }

    /// <summary>How rows are merged; null where the table does not tell, and has it follow from whether it has an ordering column. Else what it tells that is not known.</summary>
    private static string? Mode(HudiProperties properties)
    {
        string? told = properties["hoodie.compaction.payload.class"] ?? properties["hoodie.datasource.write.payload.class"];
        string? strategy = properties["hoodie.record.merge.strategy.id"];
        if (properties["hoodie.record.merge.mode"] is { Length: > 0 } mode)
        {
            return mode is EventTime or CommitTime ? mode : told ?? strategy ?? mode;
        }

        return told is { Length: > 0 } ? Classes.GetValueOrDefault(told, told)
            : strategy is { Length: > 0 } ? Strategies.GetValueOrDefault(strategy, strategy)
            : null;
    }
}
