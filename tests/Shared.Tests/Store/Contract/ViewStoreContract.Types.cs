using Lambda.Events;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Xunit;

namespace Lambda.Tests.Store.Contract;

public abstract partial class ViewStoreContract
{
    // The bits of a second NaN, which a store must not turn into the usual one.
    private static readonly double OddNaN = BitConverter.Int64BitsToDouble(0x7FF8_0000_0000_0123);

    private static readonly ColumnType[] AllTypes = Enum.GetValues<ColumnType>();

    [Fact]
    public async Task States_of_every_type_come_back_bit_for_bit()
    {
        PartialLayout view = Sample.View() with
        {
            Keys = [new PartialColumn("row", ColumnType.Int32, false)],
            States = [.. AllTypes.Select(type => new PartialColumn(type.ToString(), type, true))],
        };
        PartitionClaim claim = await StartAsync(view);
        PartialBatch rows = EveryValue(view);
        await Store.CommitAsync(Sample.Commit(claim, 10, rows), Token);
        BatchLease lease = await LeaseAsync();
        await PublishAsync(lease, new Boundary([0]), rows);
        AssertSameStates(rows, (await ReadAsync(view, ReadScope.Merged)).Speed);
        await ReopenAsync();
        ViewSnapshot reopened = await ReadAsync(view, ReadScope.Merged);
        AssertSameStates(rows, reopened.Speed);
        AssertSameStates(rows, reopened.Batch[PartialKind.Kept]);
    }

    [Fact]
    public async Task A_column_of_zeros_keeps_their_signs()
    {
        PartialLayout view = Sample.View() with
        {
            Keys = [new PartialColumn("row", ColumnType.Int32, false)],
            States = [new PartialColumn("sum", ColumnType.Double, true)],
        };
        PartitionClaim claim = await StartAsync(view);
        var rows = new PartialBatch(view);
        for (int row = 0; row < 5000; row++)
        {
            ((ColumnBuffer<int>)rows.Keys[0]).Add(row);
            AddAddress(rows);
            ((ColumnBuffer<double>)rows.States[0]).Add(row % 3 == 0 ? -0.0 : 0.0);
        }

        await Store.CommitAsync(Sample.Commit(claim, 10, rows), Token);
        await ReopenAsync();
        AssertSameStates(rows, (await ReadAsync(view, ReadScope.Merged)).Speed);
    }

    [Fact]
    public async Task Keys_of_every_type_address_and_select_partials()
    {
        PartialLayout view = Sample.View() with
        {
            Keys = [new PartialColumn("row", ColumnType.Int32, false), .. AllTypes.Select(type => new PartialColumn(type.ToString(), type, true))],
            States = [],
        };
        PartitionClaim claim = await StartAsync(view);
        PartialBatch rows = EveryValue(view);
        await Store.CommitAsync(Sample.Commit(claim, 10, rows), Token);
        await Store.CommitAsync(Sample.Commit(claim, 20, rows), Token);
        Assert.Equal(rows.Count, (await ReadAsync(view, ReadScope.Merged)).Speed.Count);
        for (int row = 0; row < rows.Count; row++)
        {
            var key = Enumerable.Range(0, view.Keys.Count).ToDictionary(part => part, part => rows.Keys[part].GetValue(row));
            PartialBatch found = (await Store.ReadViewAsync(new ViewRead(view, WindowRange.All, key, ReadScope.Merged), Token)).Speed;
            Assert.Equal(row, Assert.Single(found.Keys[0] is ColumnBuffer<int> numbers ? numbers.Values.ToArray() : []));
        }
    }

    [Fact]
    public async Task Decimal_keys_that_are_equal_are_one_key()
    {
        PartialLayout view = Sample.View() with { Keys = [new PartialColumn("price", ColumnType.Decimal, true)], States = [] };
        PartitionClaim claim = await StartAsync(view);
        foreach (decimal value in (decimal[])[1.5m, 1.50m, 1.500000000000000000000000000m])
        {
            var batch = new PartialBatch(view);
            ((ColumnBuffer<decimal>)batch.Keys[0]).Add(value);
            AddAddress(batch);
            await Store.CommitAsync(Sample.Commit(claim, 10, batch), Token);
        }

        var key = new Dictionary<int, object?> { [0] = 1.5000m };
        Assert.Equal(1, (await Store.ReadViewAsync(new ViewRead(view, WindowRange.All, key, ReadScope.Merged), Token)).Speed.Count);
        Assert.Equal(1, (await ReadAsync(view, ReadScope.Speed)).Speed.Count);
    }

    [Fact]
    public async Task Batches_of_many_chunks_come_back_whole()
    {
        const int Count = 100_000;
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        var rows = new PartialBatch(view);
        for (int i = 0; i < Count; i++)
        {
            Sample.Add(rows, i % 7 == 0 ? null : $"a key that is longer than twelve bytes {i}", i, 0, i + 1);
        }

        await Store.CommitAsync(Sample.Commit(claim, 10, rows), Token);
        await Store.CommitAsync(Sample.Commit(claim, 20, rows), Token);
        BatchLease lease = await LeaseAsync();
        long generation = await PublishAsync(lease, new Boundary([0]), rows);
        Assert.Equal(Sample.Rows(rows), await SpeedRowsAsync(view));
        Assert.Equal(Sample.Rows(rows), await GenerationRowsAsync(view, generation, PartialKind.Kept));
    }

    /// <summary>A row for each of the longest list of interesting values; the first key part numbers the rows.</summary>
    private static PartialBatch EveryValue(PartialLayout view)
    {
        var batch = new PartialBatch(view);
        for (int row = 0; row < 12; row++)
        {
            ((ColumnBuffer<int>)batch.Keys[0]).Add(row);
            AddAddress(batch);
            foreach (ColumnBuffer column in batch.Keys.Skip(1).Concat(batch.States))
            {
                AddValue(column, row);
            }
        }

        return batch;
    }

    private static void AddAddress(PartialBatch batch)
    {
        batch.Starts.Add(0);
        batch.Ends.Add(Sample.Hour);
        batch.Missed.Add(0);
        batch.EventCounts.Add(1);
    }

    private static void AddValue(ColumnBuffer column, int row)
    {
        switch (column)
        {
            case ColumnBuffer<bool> typed: Add(typed, row, [true, false]); break;
            case ColumnBuffer<int> typed: Add(typed, row, [int.MinValue, int.MaxValue, 0, -1]); break;
            case ColumnBuffer<long> { Type: ColumnType.Timestamp } typed:
                Add(typed, row, [DateTime.MinValue.Ticks / 10 - DateTime.UnixEpoch.Ticks / 10, DateTime.MaxValue.Ticks / 10 - DateTime.UnixEpoch.Ticks / 10, 0, -1]);
                break;
            case ColumnBuffer<long> typed: Add(typed, row, [long.MinValue, long.MaxValue, 0, -1]); break;
            case ColumnBuffer<Int128> typed: Add(typed, row, [Int128.MinValue, Int128.MaxValue, 0, -1, (Int128)ulong.MaxValue + 1]); break;
            case ColumnBuffer<double> typed:
                Add(typed, row, [double.NaN, OddNaN, -0.0, 0.0, double.MinValue, double.MaxValue, double.Epsilon, double.PositiveInfinity, double.NegativeInfinity, 0.1]);
                break;
            case ColumnBuffer<decimal> typed:
                Add(typed, row, [decimal.MinValue, decimal.MaxValue, 0m, 0.00m, 1.10m, 0.0000000000000000000000000001m, -7.9228162514264337593543950335m]);
                break;
            case ColumnBuffer<string> typed:
                Add(typed, row, ["", "twelve bytes", "thirteen byte", "ünïcødé 🚀 日本", "'quoted' \"twice\"", "\0", "a\0b and more than twelve", new string('x', 5000)]);
                break;
            case ColumnBuffer<byte[]> typed: Add(typed, row, [[], [0], [255, 254, 0, 39], new byte[5000]]); break;
            default: throw new InvalidOperationException($"No values for {column.Type}.");
        }
    }

    private static void Add<T>(ColumnBuffer<T> column, int row, T[] values)
    {
        if (row < values.Length)
        {
            column.Add(values[row]);
        }
        else
        {
            column.AddNull();
        }
    }

    private static void AssertSameStates(PartialBatch expected, PartialBatch actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int row = 0; row < actual.Count; row++)
        {
            int original = ((ColumnBuffer<int>)actual.Keys[0])[row];
            for (int i = 0; i < expected.States.Count; i++)
            {
                Assert.Equal(Bits(expected.States[i].GetValue(original)), Bits(actual.States[i].GetValue(row)));
            }
        }
    }

    private static object? Bits(object? value) => value switch
    {
        double number => BitConverter.DoubleToInt64Bits(number),
        decimal number => string.Join(',', decimal.GetBits(number)),
        _ => value,
    };
}
