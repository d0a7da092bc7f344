using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.Tests.History;

/// <summary>What another program that keeps to Delta makes of a table's files: rows are the same, and every column is declared as one that may be null.</summary>
internal static class ForeignFiles
{
    /// <summary>Puts files that DuckDB writes in the place of some.</summary>
    /// <param name="storage">Where the table lies.</param>
    /// <param name="table">Its folder there.</param>
    /// <param name="current">Its newest version.</param>
    /// <param name="files">Which files of that.</param>
    /// <param name="columns">What is selected of each.</param>
    public static async Task RewriteAsync(LocalObjectStorage storage, string table, DeltaSnapshot current, IEnumerable<AddFile> files, string columns = "*")
    {
        List<DeltaAction> actions = [];
        foreach (AddFile file in files)
        {
            string path = $"{file.Path}.foreign.parquet";
            string written = storage.Describe($"{table}/{DeltaPaths.Decode(path)}");
            Duck.Query(
                $"""
                COPY (SELECT {columns} FROM read_parquet('{storage.Describe($"{table}/{DeltaPaths.Decode(file.Path)}")}', hive_partitioning = false))
                TO '{written}' (FORMAT parquet)
                """);
            actions.Add(new RemoveFile(file.Path, 0, DataChange: false));
            actions.Add(file with { Path = path, Size = new FileInfo(written).Length, Stats = null, Tags = new Dictionary<string, string>(), DataChange = false });
        }

        Assert.True(await storage.PutIfAbsentAsync(
            $"{table}/{DeltaPaths.Commit(current.Version + 1)}",
            DeltaCommit.Write(actions, new CommitInfo(null, "FOREIGN")),
            TestContext.Current.CancellationToken));
    }
}
