using System.Text.Json;

namespace Lambda.Batch.ForeignTables.Hudi.Logs;

/// <summary>The logs of a table, and how the changes in them are merged with its data files.</summary>
/// <param name="Folder">The table.</param>
/// <param name="Merging">Which change of a row counts.</param>
/// <param name="Schema">The table's schema.</param>
/// <param name="Counts">Whether a write was completed.</param>
/// <param name="Slices">The logs of each file group. Those of the groups with a data file come first, in the order of the data files.</param>
internal sealed record HudiLogs(
    TableFolder Folder, HudiMerging Merging, string Schema, Func<string, bool> Counts, IReadOnlyList<IReadOnlyList<HudiFile>> Slices)
{
    /// <summary>The blocks that count of a file group, in their order.</summary>
    public IReadOnlyList<LogBlock> Blocks(int slice) => LogBlocks.Choose([.. Slices[slice].SelectMany(log => LogFile.Scan(Folder, log))], Counts, Folder);

    /// <summary>The column that orders changes; null when their place does.</summary>
    /// <exception cref="ForeignTableException">The table has no such column, or none that has an order.</exception>
    public OrderingColumn? Ordering(ForeignTable table)
    {
        if (Merging.Ordering is not { } name)
        {
            return null;
        }

        return table.Columns.FirstOrDefault(column => column.Name == name) is { Type: ForeignType.Scalar } found
            ? new OrderingColumn(found, LogicalTypeOf(name))
            : throw Folder.Unsupported($"changes in logs that are ordered by '{name}', which is no column of a plain type", "Have the engine compact the table, and read it then.");
    }

    /// <summary>What the column's numbers stand for, which its type in SQL does not tell.</summary>
    private string? LogicalTypeOf(string name)
    {
        using JsonDocument document = JsonDocument.Parse(Schema);
        JsonElement type = document.RootElement.GetProperty("fields").EnumerateArray().First(field => field.GetProperty("name").GetString() == name).GetProperty("type");
        return (type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray()] : new[] { type })
            .Where(option => option.ValueKind == JsonValueKind.Object && option.TryGetProperty("logicalType", out _))
            .Select(option => option.GetProperty("logicalType").GetString()).FirstOrDefault();
    }
}
