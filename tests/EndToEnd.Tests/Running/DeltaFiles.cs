using System.Text.Json;

namespace Lambda.EndToEnd.Tests.Running;

/// <summary>A Delta table as its commits describe it, read without the product's code.</summary>
internal static class DeltaFiles
{
    /// <summary>Runs SQL in which <c>{0}</c> stands for the table's current files.</summary>
    public static List<object?[]> Query(string table, string sql)
    {
        string files = string.Join(", ", Current(table).Select(file => $"'{file}'"));
        return Duck.Query(sql.Replace("{0}", $"read_parquet([{files}], hive_partitioning = false, union_by_name = true)", StringComparison.Ordinal));
    }

    /// <summary>The files that the commits from the first to the last have added and not removed.</summary>
    private static List<string> Current(string table)
    {
        HashSet<string> files = [];
        string[] commits = [.. Directory.GetFiles(Path.Combine(table, "_delta_log"), "*.json").Order(StringComparer.Ordinal)];
        for (int version = 0; version < commits.Length; version++)
        {
            Assert.Equal($"{version:D20}.json", Path.GetFileName(commits[version]));
            foreach (JsonElement action in File.ReadLines(commits[version]).Select(line => JsonDocument.Parse(line).RootElement))
            {
                if (action.TryGetProperty("add", out JsonElement add))
                {
                    files.Add(PathOf(add));
                }
                else if (action.TryGetProperty("remove", out JsonElement remove))
                {
                    files.Remove(PathOf(remove));
                }
            }
        }

        return [.. files.Select(file => Path.Combine(table, file))];
    }

    private static string PathOf(JsonElement action) => Uri.UnescapeDataString(action.GetProperty("path").GetString()!);
}
