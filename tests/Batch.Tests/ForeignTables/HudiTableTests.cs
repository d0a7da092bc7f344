using Lambda.Batch.ForeignTables;
using Lambda.Batch.ForeignTables.Hudi;

namespace Lambda.Batch.Tests.ForeignTables;

public sealed class HudiTableTests
{
    [Theory]
    [InlineData("hoodie.table.version=9", "hoodie.table.version=8", "the table version 8")]
    [InlineData("hoodie.table.type=COPY_ON_WRITE", "hoodie.table.type=OTHER", "the table type OTHER")]
    [InlineData("hoodie.table.base.file.format=PARQUET", "hoodie.table.base.file.format=ORC", "base files in the format ORC")]
    [InlineData("drop.partition.columns=false", "drop.partition.columns=true", "drop.partition.columns")]
    [InlineData("hoodie.table.name=cow", "hoodie.bootstrap.base.path=/old", "'/old' that it was bootstrapped from")]
    [InlineData("hoodie.table.type=", "no.type=", "tells neither version nor type")]
    public async Task What_is_not_read_is_named(string setting, string by, string what)
    {
        using TableCopy table = new("hudi/cow");
        table.Replace("hoodie.properties", setting, by);

        await table.MustBeRefusedAsync(null, what);
    }

    [Fact]
    public async Task Settings_are_read_as_Java_writes_them()
    {
        using TableCopy table = new();
        table.Write(
            ".hoodie/hoodie.properties",
            """
            #Properties saved on 2026-01-01T00:00:00Z
            hoodie.table.version=6
            hoodie.table.type=COPY_ON_WRITE
            hoodie.table.precombine.field=gr\u00F6\u00dfe
            hoodie.table.create.schema={"doc"\:"so-called \\"rows\\""}
            """);

        HudiProperties properties = await HudiProperties.ReadAsync(new TableFolder(table.Path, "Hudi"), TestContext.Current.CancellationToken);

        Assert.Equal("größe", properties["hoodie.table.precombine.field"]);
        Assert.Equal("""{"doc":"so-called \"rows\""}""", properties.Schema);
    }

    [Fact]
    public async Task An_instant_that_is_not_there_is_named()
    {
        using TableCopy table = new("hudi/cow");

        await table.MustBeRefusedAsync("20261123105838841", "no completed write of the instant 20261123105838841", "20261123105838840");
        await table.MustBeRefusedAsync("2001-01-01", "no completed write until 2001-01-01");
        table.Replace("hoodie.properties", "timezone=UTC", "timezone=LOCAL");
        await table.MustBeRefusedAsync("2027-01-01", "local time of its writers");
    }

    [Theory]
    [InlineData("hudi/cow", "2026-11-23T10:59:06.800Z", 1941)]
    [InlineData("hudi/cow", "2026-11-23T10:59:06.799Z", 1294)]
    [InlineData("hudi/cow_v6", "2026-11-23T10:59:23.730Z", 1197)]
    public async Task A_time_stands_for_the_writes_that_were_completed_then(string name, string time, int rows)
    {
        using TableCopy table = new(name);

        Assert.Equal(rows, (await table.ReadAsync(time)).Rows);
    }

    [Theory]
    [InlineData("hudi/cow", "20261123105914716_*.commit")]
    [InlineData("hudi/cow_v6", "20261123105932199.commit")]
    public async Task What_a_write_that_was_not_completed_has_left_does_not_count(string name, string commit)
    {
        using TableCopy table = new(name);
        string last = Path.GetFileName(table.Find(commit));
        TableContent before = await table.ReadAsync(name.EndsWith("v6", StringComparison.Ordinal) ? "20261123105929498" : "20261123105911225");
        File.Delete(table.Find(last));

        Assert.Equal(before, await table.ReadAsync());
    }

    [Theory]
    [InlineData("hudi/cow", "20261123105907020_*.commit")]
    [InlineData("hudi/cow_v6", "20261123105926715.commit")]
    public async Task Commits_and_files_that_are_cut_or_missing_are_named(string name, string commit)
    {
        using TableCopy table = new(name);
        string path = table.Find(commit);
        byte[] whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        table.Cut(commit);
        await table.MustBeRefusedAsync(null, Path.GetFileName(path));
        await File.WriteAllBytesAsync(path, whole, TestContext.Current.CancellationToken);
        string file = table.Find("*_20261123*.parquet");
        string instant = Path.GetFileNameWithoutExtension(file)[^17..];
        File.Delete(file);

        await table.MustBeRefusedAsync(instant, Path.GetFileName(file), "cleaned up");
    }

    [Fact]
    public async Task File_groups_that_were_replaced_and_cleaned_up_are_missed_by_older_instants()
    {
        using TableCopy table = new("hudi/cow_clustered");
        await table.ReadAsync("20261123110045427");
        foreach (string file in Directory.EnumerateFiles(table.Path, "*_20261123110043194.parquet", SearchOption.AllDirectories))
        {
            File.Delete(file);
        }

        await table.MustBeRefusedAsync("20261123110045427", "cleaned up");
    }
}
