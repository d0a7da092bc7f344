using Dapper;
using DuckDB.NET.Data;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.Store.Embedded.Batch;
using Lambda.Store.Embedded.Database;
using Lambda.Store.Embedded.Tables;
using Lambda.Store.Relational;
using Lambda.Views;
using Lambda.Views.Partials;
using Xunit;

namespace Lambda.Tests.Store.Embedded;

/// <summary>
/// Rows that a generation has carried over, while the database packs its rows anew beside the transaction that takes some out. They had been noted by DuckDB's number of the row in one statement
/// and deleted by it in the next: a checkpoint between the two gave the numbers to other rows, and a run over new events published windows that were wrong.
/// </summary>
public sealed class CarriedRowsTests : IAsyncLifetime
{
    private const int Held = 200_000;
    private const int Rounds = 10;
    private const int GonePerRound = 30_000;
    private const int ReadsPerRound = 6;

    private readonly string _folder = Directory.CreateTempSubdirectory("store-carried-").FullName;
    private StoreFile? _file;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _file = StoreFile.Take(new EmbeddedStoreOptions { Folder = _folder, MemoryLimitMegabytes = 512 });
        return default;
    }

    public ValueTask DisposeAsync()
    {
        _file!.Dispose();
        Directory.Delete(_folder, recursive: true);
        return default;
    }

    [Theory]
    [InlineData(nameof(PartialAddressing.Interval))]
    [InlineData(nameof(PartialAddressing.Session))]
    public async Task Those_are_taken_out_and_read_that_are_looked_for_also_while_the_database_packs_its_rows(string form)
    {
        PartialAddressing addressing = Enum.Parse<PartialAddressing>(form);
        PartialLayout view = Sample.View() with { Addressing = addressing };
        ViewTable table = new(1, view);
        using DuckDBConnection writer = _file!.Connect();
        using DuckDBConnection packer = _file.Connect();
        using DuckDBConnection reader = _file.Connect();
        Fill(writer, table);
        GenerationInfo first = InfoOf(1);
        GenerationInfo second = InfoOf(2);
        Random random = new(7);
        HashSet<int> all = [];
        for (int round = 0; round < Rounds; round++)
        {
            int[] hours = [.. Enumerable.Range(0, 500).Select(_ => random.Next(Held)).Distinct().Where(all.Add)];
            PartialBatch touched = BatchOf(view, hours);
            writer.Execute($"DELETE FROM {table.BatchName} WHERE generation = 0 AND s0 < {(round + 1) * GonePerRound}");
            using CancellationTokenSource enough = new();
            Task packing = Task.Run(() => PackUntil(packer, enough.Token), Token);

            Task<PartialBatch[]> reading = Task.Run(
                () => Enumerable.Range(0, ReadsPerRound).Select(_ => CarriedPartials.Read(reader, table, 1, PartialKind.Kept, touched, Nearness.Within(0))).ToArray(), Token);

            writer.Execute("BEGIN TRANSACTION");
            PartialBatch taken = CarriedPartials.Take(writer, table, second, PartialKind.Kept, touched);
            writer.Execute("COMMIT");
            PartialBatch[] near = await reading;
            await enough.CancelAsync();
            await packing;

            Assert.All(near, found => Assert.Equal(hours.Order(), HoursOf(found)));
            Assert.Equal(hours.Order(), HoursOf(taken));
            Assert.Equal((Held, (long)Held * (Held - 1) / 2), Sum(writer, table, first));
            Assert.Equal((Held - all.Count, ((long)Held * (Held - 1) / 2) - all.Sum(hour => (long)hour)), Sum(writer, table, second));
        }
    }

    /// <summary>Rows of a generation that is gone, between those of the first: a checkpoint packs what is left of them.</summary>
    private void Fill(DuckDBConnection writer, ViewTable table)
    {
        Migrations.Apply(writer, _file!.FullPath);
        writer.Execute(
            "INSERT INTO generations VALUES ($stream, 1, 'Current', 0, $boundary, $views, 0, NULL, NULL, 1, false)",
            new { stream = Sample.Stream, boundary = StoredJson.Write(new Boundary([0])), views = StoredJson.Write(new Dictionary<string, string>()) });
        writer.Execute(table.CreateSql);
        Insert(0, Rounds * GonePerRound);
        Insert(1, Held);
        writer.Execute("CHECKPOINT");

        void Insert(int generation, int count) => writer.Execute(
            $"""
            INSERT INTO {table.BatchName}
            SELECT {generation}, 0, make_timestamp(i * 2 * {Sample.Hour}), make_timestamp((i * 2 + 1) * {Sample.Hour}), 0, 1,
                {(table.Layout.HasLiveSessions ? "make_timestamp(0), make_timestamp(0)," : "")} 'key', i, {GenerationFilter.Held}
            FROM range({count}) AS rows(i)
            """);
    }

    /// <summary>A partial of each of some hours, none of which touches another.</summary>
    private static PartialBatch BatchOf(PartialLayout view, IEnumerable<int> hours)
    {
        PartialBatch batch = new(view);
        foreach (int hour in hours)
        {
            Sample.Add(batch, "key", hour * 2, (hour * 2) + 1, 0, 1);
            batch.LiveSessions?.Add(default);
        }

        return batch;
    }

    private static IEnumerable<int> HoursOf(PartialBatch partials) => partials.Starts.Values.ToArray().Select(start => (int)(start / Sample.Hour / 2)).Order();

    private static GenerationInfo InfoOf(long generation) =>
        new(Sample.Stream, generation, GenerationState.Writing, 0, new Boundary([0]), default, null, new Dictionary<string, string>()) { Root = 1 };

    private static (long Count, long Sum) Sum(DuckDBConnection connection, ViewTable table, GenerationInfo generation) =>
        connection.QuerySingle<(long, long)>($"SELECT count(*), sum(s0)::BIGINT FROM {table.BatchName} AS held WHERE {GenerationFilter.Of(generation, "held")}");

    private static void PackUntil(DuckDBConnection connection, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            connection.Execute("CHECKPOINT");
        }
    }
}
