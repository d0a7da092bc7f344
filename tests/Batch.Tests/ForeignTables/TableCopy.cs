using Lambda.Batch.ForeignTables;
using Lambda.Batch.History;

namespace Lambda.Batch.Tests.ForeignTables;

/// <summary>A copy of a reference table, to be damaged. Without a table to copy, an empty folder.</summary>
internal sealed class TableCopy : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TableCopy(string? table = null)
    {
        Directory.CreateDirectory(Path);
        if (table is not null)
        {
            string from = System.IO.Path.Combine(LakeFixtures.Folder(), table);
            foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            {
                string to = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(from, file));
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(to)!);
                using FileStream source = File.OpenRead(file);
                using FileStream target = File.Create(to);
                source.CopyTo(target);
            }
        }
    }

    public string Path => System.IO.Path.Combine(_folder.Path, "table");

    /// <summary>The only file, or the first by name, of a pattern.</summary>
    public string Find(string pattern) =>
        Directory.EnumerateFiles(Path, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();

    /// <summary>Writes a file.</summary>
    public void Write(string name, string content)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    /// <summary>Puts other text into a file, which must have what it takes the place of.</summary>
    public void Replace(string pattern, string old, string by)
    {
        string path = Find(pattern);
        string text = File.ReadAllText(path);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(old, by, StringComparison.Ordinal));
    }

    /// <summary>Cuts a file in half.</summary>
    public void Cut(string pattern)
    {
        using FileStream file = File.OpenWrite(Find(pattern));
        file.SetLength(file.Length / 2);
    }

    /// <summary>Opens the table and reads its column of event ids.</summary>
    public async Task<TableContent> ReadAsync(string? point = null)
    {
        ForeignTable table = await TableFinder.OpenAsync(
            Path, point is null ? HistoryPoint.Now : HistoryPoint.Parse(point)!, TestContext.Current.CancellationToken);
        return await TableContent.ReadAsync(table, ["event_id"]);
    }

    /// <summary>The table must be refused by name with these words.</summary>
    public async Task MustBeRefusedAsync(string? point, params string[] words)
    {
        string message = (await Assert.ThrowsAsync<ForeignTableException>(() => ReadAsync(point))).Message;
        Assert.All(words.Append(Path), word => Assert.Contains(word, message, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();
}
