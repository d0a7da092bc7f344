using Lambda.Batch.ForeignTables;
using Lambda.Batch.ForeignTables.Hudi;
using Lambda.Batch.ForeignTables.Hudi.Logs;
using static Lambda.Batch.Tests.ForeignTables.Hudi.LoggedTable;

namespace Lambda.Batch.Tests.ForeignTables.Hudi;

/// <summary>Which blocks of logs count, and logs that are damaged.</summary>
public sealed class LogTests
{
    [Fact]
    public async Task Blocks_of_writes_that_were_not_completed_until_then_do_not_count()
    {
        using LoggedTable table = new();
        table.WriteBase(1, "VALUES ('a', 5, 'base')");
        table.WriteLog(1, 1, LogBytes.Records(At(2), Schema, Row("a", 6, "second")), LogBytes.Records(At(3), Schema, Row("a", 7, "third")));
        table.WriteLog(1, 10, LogBytes.Records(At(5), Schema, Row("b", 9, "fifth")));
        table.WriteLog(1, 9, LogBytes.Records(At(4), Schema, Row("b", 9, "fourth")));
        table.Complete(2, 4, 5);
        table.Begin(3);

        Assert.Equal("a:6:second b:9:fifth", await table.ReadAsync());
        Assert.Equal("a:6:second b:9:fourth", await table.ReadAsync(4));
        Assert.Equal("a:6:second", await table.ReadAsync(2));
        Assert.Equal("a:5:base", await table.ReadAsync(1));
        table.Complete(3);
        Assert.Equal("a:7:third b:9:fifth", await table.ReadAsync());
    }

    [Fact]
    public async Task Blocks_of_a_write_that_was_taken_back_do_not_count()
    {
        using LoggedTable table = new();
        table.WriteBase(1, "VALUES ('a', 5, 'base')");
        table.WriteLog(1, 1, LogBytes.Records(At(2), Schema, Row("a", 6, "second")), LogBytes.Deletes(At(3), ("a", Ordering(null))));
        table.Complete(2, 3);
        Assert.Equal("", await table.ReadAsync());

        table.WriteLog(1, 2, LogBytes.Rollback(At(4), At(3)));
        Assert.Equal("a:6:second", await table.ReadAsync());

        table.WriteLog(1, 3, LogBytes.Rollback(At(5), At(2)));
        Assert.Equal("a:5:base", await table.ReadAsync());
    }

    [Fact]
    public async Task A_group_may_have_only_logs_and_logs_may_be_older_than_the_whole_file()
    {
        using LoggedTable table = new();
        table.WriteLog(1, 1, LogBytes.Records(At(1), Schema, Row("a", 6, "first"), Row("b", 1, "first")), LogBytes.Deletes(At(2), ("b", Ordering(1))));
        table.Complete(1, 2);
        Assert.Equal("a:6:first", await table.ReadAsync());
        Assert.Equal("a:6:first b:1:first", await table.ReadAsync(1));

        table.WriteBase(3, "VALUES ('c', 1, 'base')");
        Assert.Equal("c:1:base", await table.ReadAsync());
        Assert.Equal("a:6:first", await table.ReadAsync(2));
    }

    [Theory]
    [InlineData(0, "a command that is not known")]
    [InlineData(2, "a block of the kind 2")]
    [InlineData(4, "in the format HFile")]
    [InlineData(6, "images of rows before and after")]
    [InlineData(7, "a block of the kind 7")]
    public async Task Kinds_of_blocks_that_are_not_read_are_named(int kind, string words)
    {
        using LoggedTable table = new();
        table.WriteBase(1, "VALUES ('a', 5, 'base')");
        byte[] before = LogBytes.Records(At(1), Schema, Row("a", 6, "log"));
        table.WriteLog(1, 1, before, LogBytes.Block(kind, new Dictionary<int, string> { [0] = At(1) }, []));

        await table.MustBeRefusedAsync(words, $".log.1_0-0-0' at offset {before.Length}");
    }

    [Theory]
    [InlineData(4, "20260101000000001", "compacted into")]
    [InlineData(7, "true", "only some of the columns")]
    [InlineData(9, "x", "a header of the kind 9")]
    public async Task Headers_that_change_what_a_block_means_are_named(int header, string text, string words)
    {
        using LoggedTable table = new();
        table.WriteBase(1, "VALUES ('a', 5, 'base')");
        table.WriteLog(1, 1, LogBytes.Block(
            LogBytes.AvroKind, new Dictionary<int, string> { [0] = At(1), [2] = Schema, [header] = text }, LogBytes.RecordContent(Row("a", 6, "log"))));

        await table.MustBeRefusedAsync(words, ".log.1_0-0-0' at offset 0");
    }

    /// <summary>The places of a block are those of its mark, length, version, number of headers, and of the lengths at its end.</summary>
    [Theory]
    [InlineData(0, "does not begin with the mark")]
    [InlineData(6, "bytes, where")]
    [InlineData(13, "bytes, where")]
    [InlineData(17, "its version is")]
    [InlineData(22, "headers")]
    [InlineData(-1, "it ends with the length")]
    [InlineData(-9, "it ends too early")]
    public async Task A_block_that_is_damaged_is_named_with_its_offset(int place, string words)
    {
        using LoggedTable table = new();
        table.WriteBase(1, "VALUES ('a', 5, 'base')");
        byte[] whole = LogBytes.Records(At(1), Schema, Row("a", 6, "log"));
        byte[] damaged = [.. whole];
        damaged[place < 0 ? damaged.Length + place : place] ^= 0x40;
        table.WriteLog(1, 1, whole, damaged, whole);

        await table.MustBeRefusedAsync("damaged", words, $".log.1_0-0-0' at offset {whole.Length}");
    }

    [Fact]
    public async Task A_log_that_is_cut_is_named_with_the_offset_of_its_last_block()
    {
        using LoggedTable table = new();
        table.WriteBase(1, "VALUES ('a', 5, 'base')");
        byte[] whole = LogBytes.Records(At(1), Schema, Row("a", 6, "log"));
        foreach (int length in new[] { 1, 6, 13, 20, 40, 200, whole.Length - 1 })
        {
            table.WriteLog(1, 1, whole, whole[..length]);

            await table.MustBeRefusedAsync("damaged", $".log.1_0-0-0' at offset {whole.Length}");
        }
    }

    [Fact]
    public async Task What_a_write_that_broke_off_has_left_is_passed_over()
    {
        using LoggedTable table = new();
        table.WriteBase(1, "VALUES ('a', 5, 'base')");
        byte[] broken = LogBytes.Records(At(2), Schema, Row("a", 6, "second"))[..^30];
        table.WriteLog(1, 1, broken, LogBytes.Records(At(3), Schema, Row("a", 7, "third")));
        table.Begin(2);
        table.Complete(3);
        Assert.Equal("a:7:third", await table.ReadAsync());

        table.Complete(2);
        await table.MustBeRefusedAsync("damaged", ".log.1_0-0-0' at offset 0");

        table.WriteLog(1, 2, LogBytes.Rollback(At(4), At(2)));
        Assert.Equal("a:7:third", await table.ReadAsync());
    }

    [Fact]
    public void Any_damaged_byte_leaves_blocks_or_an_error_and_nothing_else()
    {
        using TemporaryFolder folder = new();
        TableFolder table = new(folder.Path, "Hudi");
        string name = $".g-0_{At(1)}.log.1_0-0-0";
        HudiFile log = HudiFile.Find(name)!;
        byte[] whole = [.. LogBytes.Records(At(1), """{"type":"long"}""", encoder => encoder.WriteLong(1)), .. LogBytes.Deletes(At(1), ("a", Ordering(5)))];
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] damaged = [.. whole];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(Path.Combine(folder.Path, name), damaged);

            List<LogBlock> blocks = LogFile.Scan(table, log);

            Assert.InRange(blocks.Count, 1, 4);
            foreach (LogBlock block in blocks.Where(block => block is { Damage: null, Kind: LogBlock.Deletes }))
            {
                Exception? error = Record.Exception(() => LogDelete.Read(LogFile.ReadContent(table, block)));
                Assert.True(error is null or FormatException or NotSupportedException, $"{bit}: {error}");
            }
        }
    }

    [Theory]
    [InlineData(3, 9, "its version is 9")]
    [InlineData(3, 0, "its version is 0")]
    [InlineData(7, 7, "it is too short")]
    [InlineData(7, 1, "of its bytes are left")]
    [InlineData(11, 200, "where")]
    [InlineData(11, 2, "where")]
    [InlineData(12, 9, "a type that its schema does not tell")]
    public async Task Records_that_are_damaged_are_named_with_their_block(int place, byte value, string words)
    {
        using LoggedTable table = new();
        table.WriteBase(1, "VALUES ('a', 5, 'base')");
        byte[] content = LogBytes.RecordContent(Row("a", 6, "log"), Row("b", 6, "log"));
        content[place] = value;
        table.WriteLog(1, 1, LogBytes.Block(LogBytes.AvroKind, new Dictionary<int, string> { [0] = At(1), [2] = Schema }, content));

        await table.MustBeRefusedAsync("damaged", words, ".log.1_0-0-0' at offset 0");
    }

    [Theory]
    [InlineData(3, 2, "objects of Java")]
    [InlineData(3, 4, "its version is 4")]
    [InlineData(7, 1, "its length 1")]
    [InlineData(9, 100, "a type that its schema does not tell")]
    [InlineData(10, 100, "bytes are said to follow")]
    public async Task Deletions_that_are_damaged_or_old_are_named_with_their_block(int place, byte value, string words)
    {
        using LoggedTable table = new();
        table.WriteBase(1, "VALUES ('a', 5, 'base')");
        byte[] content = LogBytes.DeleteContent(("a", Ordering(9)));
        content[place] = value;
        table.WriteLog(1, 1, LogBytes.Block(LogBytes.DeleteKind, new Dictionary<int, string> { [0] = At(1) }, content));

        await table.MustBeRefusedAsync(words, ".log.1_0-0-0' at offset 0");
    }

    [Fact]
    public async Task A_block_in_Parquet_that_is_none_is_named_with_its_place()
    {
        using LoggedTable table = new();
        table.WriteBase(1, "VALUES ('a', 5, 'base')");
        table.WriteLog(1, 1, LogBytes.Block(LogBytes.ParquetKind, new Dictionary<int, string> { [0] = At(1) }, "PAR1 and nothing else PAR1"u8.ToArray()));

        await table.MustBeRefusedAsync(".log.1_0-0-0' at offset 0");
    }

    [Theory]
    [InlineData("hudi/mor")]
    [InlineData("hudi/mor_v6")]
    public async Task A_log_that_a_write_names_must_be_there_and_as_long_as_it_was(string name)
    {
        using TableCopy table = new(name);
        string log = Directory.EnumerateFiles(Path.Combine(table.Path, "event_date=1954-03-05"), ".*.log.*").Order(StringComparer.Ordinal).First();
        byte[] whole = await File.ReadAllBytesAsync(log, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(log, [], TestContext.Current.CancellationToken);
        await table.MustBeRefusedAsync(null, Path.GetFileName(log), "offset 0", $"{whole.Length} bytes");

        File.Delete(log);

        await table.MustBeRefusedAsync(null, $"lacks the log", Path.GetFileName(log));
    }

    [Theory]
    [InlineData("hudi/mor", "20261123105944470_20261123105947231.deltacommit", "20261123105944470", "20261123105947366_20261123105949279.deltacommit", "20261123105941424")]
    [InlineData("hudi/mor_v6", "20261123105958366.deltacommit", "20261123105958366", "20261123110000666.deltacommit", "20261123105955187")]
    public async Task Logs_of_a_write_that_was_not_completed_do_not_count(string name, string commit, string instant, string later, string before)
    {
        using TableCopy table = new(name);
        File.Delete(table.Find(later));
        TableContent with = await table.ReadAsync(instant);
        TableContent without = await table.ReadAsync(before);
        Assert.NotEqual(with, without);
        Assert.Equal(with, await table.ReadAsync());

        File.Delete(table.Find(commit));

        Assert.Equal(without, await table.ReadAsync());
    }

    [Fact]
    public async Task Logs_of_writes_at_the_same_time_are_refused_as_their_order_can_be_understood_in_two_ways()
    {
        using TableCopy table = new("hudi/mor");
        string commit = table.Find("20261123105938864_20261123105941279.deltacommit");
        File.Move(commit, commit.Replace("_20261123105941279", "_20261123105944999", StringComparison.Ordinal));

        await table.MustBeRefusedAsync(null, "at the same time", "20261123105938864.log.1", "20261123105941424.log.1");
    }

    [Fact]
    public async Task A_log_from_before_the_timeline_that_may_or_may_not_be_in_the_whole_file_is_refused()
    {
        using TableCopy table = new("hudi/mor_compacted");
        foreach (string instant in new[] { "20261123110013449", "20261123110016394", "20261123110019281" })
        {
            foreach (string file in Directory.EnumerateFiles(Path.Combine(table.Path, ".hoodie", "timeline"), $"{instant}*"))
            {
                File.Delete(file);
            }
        }

        await table.MustBeRefusedAsync(null, "may or may not be in", ".log.1_");
    }
}
