using System.Globalization;
using Lambda.Batch;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.Store.Postgres;
using Lambda.TestSupport.Postgres;

namespace Lambda.Bench.Counts;

/// <summary>
/// What runs over everything take in memory and time whose windows follow the order of events. Both layers have the whole history: a first run compares its windows
/// with what the speed layer had served, and with what it has; a second one only with the latter.
/// </summary>
internal static class CountsBenchmark
{
    /// <param name="options">
    /// <c>--pairs N</c> of events in thousands (1,000), <c>--visitors N</c> in thousands (200), <c>--store</c> embedded or postgres, <c>--runs N</c> (2),
    /// <c>--compared N</c> partials that are compared at once (as usual), <c>--repeated N</c> of how many pairs one is there twice (0, none).
    /// </param>
    public static async Task RunAsync(string[] options)
    {
        OptionPairs pairs = new(options, "pairs", "visitors", "store", "runs", "compared", "repeated");
        BatchOptions batch = BatchOptions.Default with
        {
            SealTimeout = TimeSpan.Zero,
            ComparedEvents = pairs.Number("compared", (int)BatchOptions.Default.ComparedEvents),
        };
        string folder = Directory.CreateTempSubdirectory("lambda-bench-").FullName;
        PostgresCluster? cluster = pairs.Text("store", "embedded") == "postgres" ? await PostgresCluster.StartAsync() : null;
        try
        {
            string? connection = cluster?.ConnectionString(await cluster.CreateDatabaseAsync());
            await using (CountsWorld world = await CountsWorld.OpenAsync(folder, await OpenAsync(folder, connection), batch))
            {
                await world.FillAsync(VisitRecords.Read(pairs.Number("pairs", 1_000) * 1_000, pairs.Number("visitors", 200) * 1_000, pairs.Number("repeated", 0)));
            }

            GC.Collect();
            await using CountsWorld filled = await CountsWorld.OpenAsync(folder, await OpenAsync(folder, connection), batch);
            for (int run = 1; run <= pairs.Number("runs", 2); run++)
            {
                using StepPeaks steps = new();
                (double seconds, var result) = await filled.RunAsync(steps);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"run {run}: {result.Rows} events in {seconds:F1} s, load {MachineLoad.Now}\n  {steps}"));
            }
        }
        finally
        {
            if (cluster is not null)
            {
                await cluster.DisposeAsync();
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<IViewStore> OpenAsync(string folder, string? connection) => connection is null
        ? await EmbeddedViewStore.OpenAsync(new EmbeddedStoreOptions { Folder = Path.Combine(folder, "store") }, TimeProvider.System, CancellationToken.None)
        : await PostgresViewStore.OpenAsync(new PostgresStoreOptions { ConnectionString = connection }, TimeProvider.System, CancellationToken.None);
}
