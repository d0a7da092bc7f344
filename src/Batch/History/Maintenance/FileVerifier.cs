using System.Globalization;
using System.Text.Json;
using Lambda.Batch.History.Appending;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Merge;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.History.Maintenance;

/// <summary>Reads a data file whole and holds it against what the log tells about it.</summary>
/// <param name="storage">Where the table lies.</param>
/// <param name="shape">The table.</param>
/// <param name="leaves">Its columns.</param>
internal sealed class FileVerifier(IObjectStorage storage, TableShape shape, TableLeaves leaves)
{
    /// <summary>
    /// Checks length, checksums, row count, order, date and statistics. Those of files that other programs have written may be loose, and are only held
    /// against what this one goes by: times, partitions and offsets.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="take">Given the file and what its rows are sorted by, unless they cannot be read.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>What is wrong.</returns>
    public async Task<IReadOnlyList<string>> FindProblemsAsync(HistoryFile file, Action<MergeInput, RowTimes> take, CancellationToken cancellationToken)
    {
        try
        {
            using MergeInput input = new(
                await DataFileReader.OpenAsync(storage, shape.Folder, file, cancellationToken).ConfigureAwait(false), leaves.All);
            if (input.Problem is { } form && file.Action.Tags.ContainsKey(TableFiles.FooterChecksumTag))
            {
                return [form];
            }

            RowTimes rows = RowTimes.Read(input, leaves);
            take(input, rows);
            List<string> problems = [.. ProblemsOfRows(file, rows)];
            if (input.Problem is null && file.Action is { Stats: { } stats, Tags: var tags } && tags.ContainsKey(TableFiles.FooterChecksumTag))
            {
                problems.AddRange(Differences(stats, StatisticsOf(input, rows.Count)));
            }

            return problems;
        }
        catch (HistoryException error)
        {
            return [error.Message];
        }
    }

    private static IEnumerable<string> ProblemsOfRows(HistoryFile file, RowTimes rows)
    {
        long? day = file.Day is { } date ? EventDate.StartOf(date) : null;
        if (day is null)
        {
            yield return $"its date '{file.Date}' is none";
        }

        if (rows.ProblemOn(day) is { } problem)
        {
            yield return problem;
        }

        for (int row = 0; row < rows.Count; row++)
        {
            if (rows.Times[row] < file.FirstTime || rows.Times[row] > file.LastTime
                || file.OffsetsIn(rows.Partitions[row]) is not { } offsets || rows.Offsets[row] < offsets.Start || rows.Offsets[row] >= offsets.End)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"row {row}, offset {rows.Offsets[row]} of partition {rows.Partitions[row]}, lies outside of the bounds that the log tells");
                yield break;
            }
        }
    }

    private string StatisticsOf(MergeInput input, int count)
    {
        RowKey[] rows = [.. Enumerable.Range(0, count).Select(row => new RowKey(0, new RowAddress(0, row)))];
        IReadOnlyList<ColumnEncoder> encoders = MergeEncoders.Of(leaves.All, [input]);
        try
        {
            foreach (IMergeEncoder encoder in encoders.OfType<IMergeEncoder>())
            {
                encoder.Scan(rows);
            }

            return FileStatistics.Of(encoders, count);
        }
        finally
        {
            foreach (IMergeEncoder encoder in encoders.OfType<IMergeEncoder>())
            {
                encoder.Dispose();
            }
        }
    }

    private static IEnumerable<string> Differences(string told, string found)
    {
        using JsonDocument log = JsonDocument.Parse(told);
        using JsonDocument data = JsonDocument.Parse(found);
        return [.. Differences(log.RootElement, data.RootElement, "")];
    }

    /// <summary>What the log tells otherwise than the rows do. What it does not tell, as of columns that were added later, is no difference.</summary>
    private static IEnumerable<string> Differences(JsonElement told, JsonElement found, string path)
    {
        if (told.ValueKind != JsonValueKind.Object)
        {
            return JsonElement.DeepEquals(told, found) ? [] : [$"its {path[1..]} is {found.GetRawText()}, and the log tells {told.GetRawText()}"];
        }

        return told.EnumerateObject().SelectMany(part => found.ValueKind == JsonValueKind.Object && found.TryGetProperty(part.Name, out JsonElement other)
            ? Differences(part.Value, other, $"{path}.{part.Name}")
            : [$"the log tells a {path.TrimStart('.')} of '{part.Name}', and the rows have none"]);
    }
}
