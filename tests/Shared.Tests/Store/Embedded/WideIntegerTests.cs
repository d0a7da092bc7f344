using Dapper;
using DuckDB.NET.Data;
using Lambda.Events;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.Views;
using Lambda.Views.Partials;
using Xunit;

namespace Lambda.Tests.Store.Embedded;

/// <summary>States of 128 bits in the embedded store: two columns now, one in files of earlier layouts.</summary>
public sealed class WideIntegerTests : IDisposable
{
    private static readonly Int128?[] Values =
    [
        0, 1, -1, 42, null, long.MaxValue, long.MinValue, (Int128)long.MaxValue + 1, (Int128)long.MinValue - 1, (Int128)1 << 64, -((Int128)1 << 64),
        ((Int128)1 << 64) - 1, -((Int128)1 << 64) - 1, (Int128)3 << 100, -((Int128)3 << 100) + 5, Int128.MaxValue, Int128.MinValue + 1,
    ];

    private static readonly PartialLayout Layout = new(
        Sample.Stream,
        "wide",
        "00000000000000a1",
        [new PartialColumn("origin", ColumnType.String, true)],
        [new PartialColumn("total", ColumnType.Int128, true), new PartialColumn("count", ColumnType.Int64, false), new PartialColumn("mean_sum", ColumnType.Int128, true)]);

    private readonly string _folder = Directory.CreateTempSubdirectory("store-wide-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Integers_of_all_sizes_come_back()
    {
        await WriteAsync();

        await using EmbeddedViewStore store = await OpenAsync();
        await AssertHeldAsync(store);
    }

    [Fact]
    public async Task A_file_of_an_earlier_layout_keeps_them()
    {
        await WriteAsync();
        using (DuckDBConnection connection = new($"Data Source={Path.Combine(_folder, "views.duckdb")}"))
        {
            connection.Open();
            connection.Execute("DROP TABLE batch_1; DROP TABLE speed_1");
            const string Columns =
                "slice_start TIMESTAMP NOT NULL, slice_end TIMESTAMP NOT NULL, missed INTEGER NOT NULL, events BIGINT NOT NULL, k0 VARCHAR, s0 HUGEINT, s1 BIGINT, s2 HUGEINT";
            connection.Execute($"CREATE TABLE speed_1 (partition INTEGER NOT NULL, epoch BIGINT NOT NULL, {Columns})");
            connection.Execute(
                $"CREATE TABLE batch_1 (generation BIGINT NOT NULL, kind INTEGER NOT NULL, {Columns}, replaced_by BIGINT DEFAULT 9223372036854775807)");
            for (int row = 0; row < Values.Length; row++)
            {
                string value = Values[row] is { } number ? $"{number}::HUGEINT" : "NULL";
                connection.Execute(
                    $"""
                    INSERT INTO batch_1 (generation, kind, slice_start, slice_end, missed, events, k0, s0, s1, s2)
                    VALUES (1, 0, make_timestamp({row} * 3600000000), make_timestamp({row + 1} * 3600000000), 0, 1, '{row}', {value}, {row}, {value})
                    """);
            }

            connection.Execute("ALTER TABLE quarantine DROP COLUMN value_bytes; DROP TABLE quarantine_pieces");
            connection.Execute("DELETE FROM schema_version WHERE version >= 8");
        }

        await using EmbeddedViewStore store = await OpenAsync();
        await AssertHeldAsync(store);

        // The tables are as good as new ones.
        await PublishAsync(store);
        await AssertHeldAsync(store);
    }

    private async Task WriteAsync()
    {
        await using EmbeddedViewStore store = await OpenAsync();
        await store.RegisterAsync(Sample.Registration(1, Layout), Token);
        await PublishAsync(store);
    }

    private static async Task PublishAsync(EmbeddedViewStore store)
    {
        BatchLease lease = (await store.TryAcquireLeaseAsync(Sample.Stream, "a", TimeSpan.FromMinutes(1), Token))!;
        long generation = await store.BeginGenerationAsync(lease, new GenerationPlan(1, new Boundary([0]), [Layout]), Token);
        PartialBatch partials = new(Layout);
        for (int row = 0; row < Values.Length; row++)
        {
            ((ColumnBuffer<string>)partials.Keys[0]).Add($"{row}");
            partials.Starts.Add(row * 3_600_000_000L);
            partials.Ends.Add((row + 1) * 3_600_000_000L);
            partials.Missed.Add(0);
            partials.EventCounts.Add(1);
            ((ColumnBuffer<long>)partials.States[1]).Add(row);
            foreach (ColumnBuffer<Int128> wide in partials.States.OfType<ColumnBuffer<Int128>>())
            {
                if (Values[row] is { } value)
                {
                    wide.Add(value);
                }
                else
                {
                    wide.AddNull();
                }
            }
        }

        await store.WriteGenerationAsync(lease, generation, PartialKind.Kept, partials, Token);
        await store.PublishAsync(lease, generation, Sample.Published(generation, DateTimeOffset.UnixEpoch), Token);
    }

    private static async Task AssertHeldAsync(EmbeddedViewStore store)
    {
        PartialBatch held = (await store.ReadViewAsync(Sample.Read(Layout, ReadScope.Merged), Token)).Batch[PartialKind.Kept];
        Assert.Equal(Values.Length, held.Count);
        for (int row = 0; row < held.Count; row++)
        {
            int place = (int)(held.Starts[row] / 3_600_000_000L);
            Assert.Equal([Values[place], (long)place, Values[place]], held.States.Select(state => state.GetValue(row)));
        }
    }

    private Task<EmbeddedViewStore> OpenAsync() => EmbeddedViewStore.OpenAsync(new EmbeddedStoreOptions { Folder = _folder }, TimeProvider.System, Token);
}
