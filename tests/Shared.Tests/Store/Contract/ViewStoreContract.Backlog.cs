using Lambda.Events;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Store.Contract;

public abstract partial class ViewStoreContract
{
    /// <summary>Epochs that are whole in one commit, as those of a backlog, between ones that are not.</summary>
    [Fact]
    public async Task What_a_backlog_has_brought_is_read_the_same_before_and_after_it_is_indexed()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await Store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(view, ("a", 1, 1), (null, 1, 2))), Token);
        await SealAsync(claim, 20, Sample.Batch(view, ("a", 1, 3)));
        await SealAsync(claim with { Epoch = 2 }, 30, Sample.Batch(view, [("", 2, 7), (null, 2, 1), .. Enumerable.Range(0, 50).Select(hour => ((string?)"a", hour, 5L))]));
        await SealAsync(claim with { Epoch = 3 }, 40, Sample.Batch(view, ("a", 2, 1), ("b", 2, 2), (null, 7, 4)));
        await Store.CommitAsync(Sample.Commit(claim with { Epoch = 4 }, 50, Sample.Batch(view, ("a", 2, 1), ("c", 60, 2))), Token);
        IReadOnlyList<string> all = await SpeedRowsAsync(view);
        Assert.Equal(2 + 52 + 3 + 2, all.Count);

        async Task CheckAsync()
        {
            Assert.Equal(all, await SpeedRowsAsync(view));
            Assert.Equal(
                ["null|1|0|2|20", "null|2|0|1|10", "null|7|0|4|40"],
                Sample.Rows((await Store.ReadViewAsync(Sample.Read(view, ReadScope.Speed) with { Key = new Dictionary<int, object?> { [0] = null } }, Token)).Speed));
            Assert.Equal(
                ["a|48|0|5|50", "a|49|0|5|50", "c|60|0|2|20"],
                Sample.Rows((await Store.ReadViewAsync(Sample.Read(view, ReadScope.Speed) with { Range = new WindowRange(48 * Sample.Hour, long.MaxValue) }, Token)).Speed));
        }

        await CheckAsync();
        int pieces = 0;
        while (await Store.IndexAsync(view, Sample.Stream, 0, Token))
        {
            await CheckAsync();
            Assert.InRange(++pieces, 1, 100);
        }

        await CheckAsync();
        await ReopenAsync();
        await CheckAsync();
    }

    [Fact]
    public async Task Without_a_backlog_there_is_nothing_to_index()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        Assert.False(await Store.IndexAsync(view, Sample.Stream, 0, Token));
        await Store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(view, ("a", 1, 1), ("b", 1, 1))), Token);
        await SealAsync(claim, 20, Sample.Batch(view, ("a", 1, 2), ("c", 1, 2)));

        Assert.False(await Store.IndexAsync(view, Sample.Stream, 0, Token));
    }

    /// <summary>Columns of every kind: positions, live sessions, states that are null.</summary>
    [Theory]
    [InlineData(PartialAddressing.Position)]
    [InlineData(PartialAddressing.Session)]
    internal async Task Partials_of_a_backlog_keep_their_columns(PartialAddressing addressing)
    {
        PartialLayout view = Sample.View() with
        {
            Addressing = addressing,
            Keys = [new PartialColumn("key", ColumnType.Double, true)],
            States =
            [
                new PartialColumn("wide", ColumnType.Int128, true), new PartialColumn("exact", ColumnType.Decimal, true), new PartialColumn("text", ColumnType.String, true),
                new PartialColumn("bytes", ColumnType.Bytes, true), new PartialColumn("yes", ColumnType.Boolean, true), new PartialColumn("at", ColumnType.Timestamp, true),
            ],
        };
        PartialBatch batch = new(view);
        for (int row = 0; row < 3; row++)
        {
            ((ColumnBuffer<double>)batch.Keys[0]).Add(row == 0 ? -0.0 : row == 1 ? 0.0 : double.NaN);
            batch.Starts.Add(row * Sample.Hour);
            batch.Ends.Add((row + 1) * Sample.Hour);
            batch.Missed.Add(0);
            batch.EventCounts.Add(row + 1);
            batch.Positions?.Add(new EventPosition(0, row));
            batch.LiveSessions?.Add(new TimeWindow(row * Sample.Hour, (row + 2) * Sample.Hour));
            foreach (ColumnBuffer state in batch.States)
            {
                if (row == 1)
                {
                    state.AddNull();
                }
            }

            if (row != 1)
            {
                ((ColumnBuffer<Int128>)batch.States[0]).Add(row == 0 ? Int128.MinValue : Int128.MaxValue);
                ((ColumnBuffer<decimal>)batch.States[1]).Add(row == 0 ? 1.50m : decimal.MaxValue);
                ((ColumnBuffer<string>)batch.States[2]).Add(row == 0 ? "" : "a\"{},\\NULL\0");
                ((ColumnBuffer<byte[]>)batch.States[3]).Add(row == 0 ? [] : [0, 255, 92]);
                ((ColumnBuffer<bool>)batch.States[4]).Add(row == 0);
                ((ColumnBuffer<long>)batch.States[5]).Add(-row - 1);
            }
        }

        PartitionClaim claim = await StartAsync(view);
        await SealAsync(claim, 10, batch);
        do
        {
            PartialBatch stored = (await ReadAsync(view, ReadScope.Speed)).Speed;
            int[] order = [.. Enumerable.Range(0, stored.Count).OrderBy(row => stored.Starts[row])];
            Assert.Equal(Columns(batch, [0, 1, 2]), Columns(stored, order));
        }
        while (await Store.IndexAsync(view, Sample.Stream, 0, Token));
    }

    private static string[] Columns(PartialBatch batch, int[] rows) =>
    [
        .. rows.Select(row => string.Join(
            '|',
            [
                $"{BitConverter.DoubleToInt64Bits(((ColumnBuffer<double>)batch.Keys[0])[row]):x}", batch.Starts[row], batch.Ends[row], batch.Missed[row], batch.EventCounts[row],
                batch.Positions is { } positions ? $"{positions.Partitions[row]}/{positions.Offsets[row]}" : "", batch.LiveSessions is { } live ? live[row] : "",
                .. batch.States.Select(state => state.GetValue(row) is byte[] bytes ? Convert.ToHexString(bytes) : state.GetValue(row) ?? "null"),
            ])),
    ];
}
