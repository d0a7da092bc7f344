using System.Collections;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lambda.Batch.ForeignTables;
using Lambda.Batch.ForeignTables.Rows;

namespace Lambda.Batch.Tests.ForeignTables;

/// <summary>The rows of a table in the form in which the reference tables tell what they should be.</summary>
internal sealed record TableContent(int Rows, string DigestOfIds, string DigestOfRows)
{
    public static async Task<TableContent> ReadAsync(ForeignTable table, IReadOnlyList<string> columns)
    {
        ForeignField[] fields = [.. columns.Select(name => table.Columns.Single(column => column.Name == name))];
        int id = Array.FindIndex(fields, field => field.Name == "event_id");
        List<(string Id, string Row)> rows = [];
        await using ForeignRows read = await ForeignRows.OpenAsync(table, fields, [id], TestContext.Current.CancellationToken);
        while (read.Read())
        {
            object?[] values = [.. fields.Select((_, i) => read.Row.IsDBNull(i) ? null : read.Row.GetValue(i))];
            rows.Add(((string)values[id]!, string.Join('\t', values.Select(Text))));
        }

        rows.Sort((a, b) => string.CompareOrdinal(a.Id, b.Id));
        return new TableContent(rows.Count, Digest(rows.Select(row => row.Id)), Digest(rows.Select(row => row.Row)));
    }

    private static string Text(object? value) => value switch
    {
        null => "\\N",
        string text => text,
        DateTime time => ((time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        double number => BitConverter.DoubleToInt64Bits(number).ToString("x16", CultureInfo.InvariantCulture),
        IDictionary fields => $"{{{string.Join(',', fields.Values.Cast<object?>().Select(Text))}}}",
        IEnumerable elements => $"[{string.Join(',', elements.Cast<object?>().Select(Text))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Digest(IEnumerable<string> lines) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")))));
}
