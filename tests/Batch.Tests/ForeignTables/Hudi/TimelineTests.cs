using static Lambda.Batch.Tests.ForeignTables.Hudi.LoggedTable;

namespace Lambda.Batch.Tests.ForeignTables.Hudi;

/// <summary>Which writes count, by what is left of a table's timeline.</summary>
public sealed class TimelineTests
{
    /// <summary>Writes are archived by their age, cleanings and rollbacks apart from them, and what a savepoint keeps may stay: so these may be older than writes that are archived.</summary>
    [Theory]
    [InlineData]
    [InlineData("rollback.requested", "rollback.inflight", "rollback")]
    [InlineData("clean.requested", "clean.inflight", "clean")]
    [InlineData("deltacommit", "savepoint.inflight", "savepoint")]
    public async Task An_archived_write_counts_whatever_older_instants_the_timeline_has(params string[] older)
    {
        using LoggedTable table = new();
        foreach (string name in older)
        {
            table.WriteInstant($"{At(1)}.{name}");
        }

        table.WriteBase(2, "VALUES ('a', 5, 'archived')");
        table.WriteLog(2, 1, LogBytes.Records(At(3), Schema, Row("b", 5, "archived log")));
        table.Archive(2);
        table.WriteInstant($"{At(4)}.deltacommit");

        Assert.Equal("a:5:archived b:5:archived log", await table.ReadAsync());
    }

    [Fact]
    public async Task A_write_that_was_not_completed_is_not_taken_for_an_archived_one()
    {
        using LoggedTable table = new();
        table.WriteBase(2, "VALUES ('a', 5, 'begun')");
        table.Archive(2);
        table.Begin(2);
        table.WriteInstant($"{At(4)}.deltacommit");

        Assert.Equal("", await table.ReadAsync());
    }

    [Fact]
    public async Task A_savepoint_does_not_show_what_was_archived_after_it()
    {
        using LoggedTable table = new();
        table.WriteBase(1, "VALUES ('a', 5, 'saved')");
        table.WriteInstant($"{At(1)}.savepoint");
        table.WriteBase(2, "VALUES ('a', 5, 'archived')");
        table.Archive(2);
        table.WriteInstant($"{At(4)}.deltacommit");

        Assert.Equal("a:5:archived", await table.ReadAsync());
        Assert.Equal("a:5:saved", await table.ReadAsync(1));
    }

    /// <summary>Writers gave instants without milliseconds for years, and what they wrote stays as it is when a table is upgraded.</summary>
    [Fact]
    public async Task Instants_without_milliseconds_count()
    {
        using LoggedTable table = new();
        string old = At(0)[..^3];
        table.WriteBase(1, "VALUES ('a', 5, 'old'), ('b', 5, 'old')");
        table.Archive(1);
        string file = Directory.EnumerateFiles(table.Folder, "*.parquet", SearchOption.AllDirectories).Single();
        File.Move(file, file.Replace(At(1), old, StringComparison.Ordinal));
        string log = table.WriteLog(1, 1, LogBytes.Records(old, Schema, Row("b", 6, "old log")), LogBytes.Records(At(4), Schema, Row("c", 6, "new")));
        File.Move(log, log.Replace(At(1), old, StringComparison.Ordinal));
        table.WriteInstant($"{old}.deltacommit");
        table.WriteInstant($"{At(4)}.deltacommit");

        Assert.Equal("a:5:old b:6:old log c:6:new", await table.ReadAsync());
        Assert.Equal("a:5:old b:6:old log", await table.ReadAsync(old));
        table.Archive(old);
        Assert.Equal("a:5:old b:6:old log c:6:new", await table.ReadAsync());
    }
}
