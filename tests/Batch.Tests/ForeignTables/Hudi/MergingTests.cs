using System.Globalization;
using Avro.IO;
using static Lambda.Batch.Tests.ForeignTables.Hudi.LoggedTable;

namespace Lambda.Batch.Tests.ForeignTables.Hudi;

/// <summary>Which change of a row counts.</summary>
public sealed class MergingTests
{
    private const string ByCommit = "hoodie.record.merge.mode=COMMIT_TIME_ORDERING";
    private const string ByEvent = "hoodie.table.ordering.fields=revision";

    /// <summary>Changes: a letter and the value they are ordered by. <c>p</c> puts, <c>x</c> puts a row that is marked as deleted, <c>d</c> deletes, <c>D</c> deletes without a value.</summary>
    [Theory]
    [InlineData("", "p5", "p5")]
    [InlineData("", "p5 p3", "p5")]
    [InlineData("", "p5 p5", "p5+1")]
    [InlineData("", "p5 p9 p7", "p9+1")]
    [InlineData("", "p5 d4", "p5")]
    [InlineData("", "p5 d5", "")]
    [InlineData("", "p5 d6 p7", "p7+2")]
    [InlineData("", "p5 d6 p5", "")]
    [InlineData("", "p5 x4", "p5")]
    [InlineData("", "p5 x5", "")]
    [InlineData("", "p5 D", "")]
    [InlineData("", "p5 D p1", "p1+2")]
    [InlineData("", "D d9 p1", "p1+2")]
    [InlineData("", "D x9 p1", "")]
    [InlineData("", "D p1 d0", "p1+1")]
    [InlineData("", "p9 D p1 p3 p2", "p3+3")]
    [InlineData("", "D p1 D", "")]
    [InlineData("5", "p4", "base")]
    [InlineData("5", "p5", "p5")]
    [InlineData("5", "p6", "p6")]
    [InlineData("5", "d4", "base")]
    [InlineData("5", "d5", "")]
    [InlineData("5", "x4", "base")]
    [InlineData("5", "x6", "")]
    [InlineData("5", "D", "")]
    [InlineData("5", "D p6", "p6+1")]
    public async Task The_highest_value_wins_and_the_later_one_of_equals(string whole, string changes, string expected) =>
        Assert.Equal(expected, await MergeAsync(ByEvent, whole, changes));

    /// <summary>What is behind a deletion without a value is compared with the whole file nevertheless, as the format's own reader does.</summary>
    [Fact]
    public async Task A_row_that_was_put_again_with_a_lower_value_than_in_the_whole_file_does_not_count() =>
        Assert.Equal("base", await MergeAsync(ByEvent, "5", "D p4"));

    [Theory]
    [InlineData(ByCommit, "5", "p9 p1", "p1+1")]
    [InlineData(ByCommit, "5", "p9 d1", "")]
    [InlineData(ByCommit, "5", "d9 p1", "p1+1")]
    [InlineData(ByCommit, "5", "p9 x1", "")]
    [InlineData("hoodie.table.name=t", "5", "p9 p1", "p1+1")]
    [InlineData("hoodie.compaction.payload.class=org.apache.hudi.common.model.OverwriteWithLatestAvroPayload\n" + ByEvent, "5", "p9 p1", "p1+1")]
    [InlineData("hoodie.compaction.payload.class=org.apache.hudi.common.model.DefaultHoodieRecordPayload\n" + ByEvent, "5", "p9 p1", "p9")]
    [InlineData("hoodie.record.merge.strategy.id=ce9acb64-bde0-424c-9b91-f6ebba25356d\n" + ByEvent, "5", "p9 p1", "p1+1")]
    [InlineData("hoodie.record.merge.mode=EVENT_TIME_ORDERING\nhoodie.table.precombine.field=revision", "5", "p9 p1", "p9")]
    public async Task The_settings_of_the_table_say_whether_values_or_the_order_of_writes_count(string settings, string whole, string changes, string expected) =>
        Assert.Equal(expected, await MergeAsync(settings, whole, changes));

    [Theory]
    [InlineData("hoodie.record.merge.mode=CUSTOM\nhoodie.record.merge.strategy.id=mine", "merged by 'mine'")]
    [InlineData("hoodie.compaction.payload.class=org.example.Mine", "merged by 'org.example.Mine'")]
    [InlineData("hoodie.datasource.write.payload.class=org.example.Mine", "merged by 'org.example.Mine'")]
    [InlineData("hoodie.table.ordering.fields=revision,page", "ordered by several columns (revision, page)")]
    [InlineData("hoodie.table.ordering.fields=missing", "ordered by 'missing'")]
    [InlineData("hoodie.table.partial.update.mode=IGNORE_DEFAULTS", "hoodie.table.partial.update.mode=IGNORE_DEFAULTS")]
    [InlineData("hoodie.populate.meta.fields=false", "hoodie.populate.meta.fields")]
    [InlineData("hoodie.payload.delete.field=op", "hoodie.payload.delete.field=op")]
    [InlineData("hoodie.record.merge.property.hoodie.payload.delete.field=op", "hoodie.payload.delete.field=op")]
    public async Task Other_ways_to_merge_are_refused_by_name(string settings, string words)
    {
        using LoggedTable table = new(settings);
        table.WriteBase(1, "VALUES ('a', 5, 'base')");
        Assert.Equal("a:5:base", await table.ReadAsync());
        table.WriteLog(1, 1, LogBytes.Records(At(2), Schema, Row("a", 6, "log")));
        table.Complete(2);

        await table.MustBeRefusedAsync(words, "compact");
    }

    [Fact]
    public async Task Rows_that_have_nothing_to_be_ordered_by_are_refused()
    {
        using LoggedTable table = new();
        table.WriteBase(1, "VALUES ('a', 5, 'base'), ('b', NULL, 'base')");
        table.WriteLog(1, 1, LogBytes.Records(At(2), Schema, Row("a", 6, "log")));
        table.Complete(2);
        Assert.Equal("a:6:log b::base", await table.ReadAsync());

        table.WriteLog(1, 2, LogBytes.Records(At(3), Schema, Row("b", 6, "log")));
        table.Complete(3);
        await table.MustBeRefusedAsync("rows of data files", "nothing in 'revision'");

        table.WriteLog(1, 2, LogBytes.Records(At(3), Schema, Row("c", null, "log")));
        await table.MustBeRefusedAsync(".log.2_0-0-0' at offset 0", "nothing in 'revision'");
    }

    [Theory]
    [InlineData(7, "Text")]
    [InlineData(6, "Bytes")]
    [InlineData(20, "20")]
    public async Task A_deletion_that_is_ordered_by_another_type_is_refused(int type, string name)
    {
        using LoggedTable table = new();
        table.WriteBase(1, "VALUES ('a', 5, 'base')");
        static Action<BinaryEncoder> Value(int type) => encoder =>
        {
            encoder.WriteLong(type);
            encoder.WriteString("x");
        };
        table.WriteLog(1, 1, LogBytes.Deletes(At(2), ("a", Value(type))));
        table.Complete(2);

        await table.MustBeRefusedAsync($"of the type {name}", ".log.1_0-0-0' at offset 0");
    }

    /// <summary>Makes the changes of one row, each by a write of its own, and tells which of them is left.</summary>
    private static async Task<string> MergeAsync(string settings, string whole, string changes)
    {
        using LoggedTable table = new(settings);
        table.WriteBase(1, $"SELECT 'a', {(whole.Length > 0 ? whole : "0")}, 'base' WHERE {(whole.Length > 0 ? "true" : "false")}");
        string[] each = changes.Split(' ');
        List<byte[]> blocks = [];
        for (int i = 0; i < each.Length; i++)
        {
            long? value = each[i].Length > 1 ? long.Parse(each[i][1..], CultureInfo.InvariantCulture) : null;
            string name = i == 0 ? each[i] : $"{each[i]}+{i}";
            blocks.Add(each[i][0] is 'p' or 'x'
                ? LogBytes.Records(At(i + 2), Schema, Row("a", value, name, each[i][0] == 'x'))
                : LogBytes.Deletes(At(i + 2), ("a", Ordering(value))));
            table.Complete(i + 2);
        }

        table.WriteLog(1, 1, [.. blocks]);
        return string.Join(' ', (await table.ReadAsync()).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(row => row.Split(':')[2]));
    }
}
