using Lambda.Batch.Scan;
using Lambda.Events;
using Lambda.Views.Closing;
using Lambda.Views.Plans;
using Lambda.Views.Tables;

namespace Lambda.Batch.Compute;

/// <summary>Computes the views of a stream straight from Parquet files, without a log, a history or a store.</summary>
/// <remarks>
/// The row groups are cut into runs, one per worker. Each worker has operators and a dictionary of its own and gives windows as soon as, by the statistics
/// of event times, no row group has more events of them; so memory does not grow with files whose rows are about in order of time. Windows that several
/// runs can have events of are put together at the end. Nothing is late and no repetitions are dropped.
/// </remarks>
internal static class FileComputation
{
    /// <summary>Computes.</summary>
    /// <param name="plan">The stream with the views wanted.</param>
    /// <param name="scan">The files.</param>
    /// <param name="workers">How many threads compute.</param>
    /// <param name="sink">Takes the windows, in no particular order, from several threads at once.</param>
    /// <param name="progress">Told numbers of rows as they are done, by several threads at once.</param>
    /// <param name="cancellationToken">Ends the work between two chunks of rows.</param>
    /// <exception cref="ScanException">A file is damaged or cannot be read any more.</exception>
    public static async Task<ComputationReport> RunAsync(
        StreamPlan plan, ScanPlan scan, int workers, IWindowSink sink, IProgress<long> progress, CancellationToken cancellationToken)
    {
        IReadOnlyList<IReadOnlyList<RowGroup>> runs = scan.Runs(workers);
        IReadOnlyList<TimeRegions> times = [.. runs.Select(run => new TimeRegions(run.Select(group => group.Times)))];
        RunWorker[] all =
        [
            .. runs.Select((run, index) => new RunWorker(
                plan,
                scan.Files,
                run,
                new TimeRegions(runs.Where((_, other) => other != index).SelectMany(other => other.Select(group => group.Times))),
                sink)),
        ];
        try
        {
            using CancellationTokenSource failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAll(all.Select(worker => Task.Run(() => Run(worker, failed), CancellationToken.None))).ConfigureAwait(false);
            for (int view = 0; view < plan.Stream.Views.Count; view++)
            {
                PartialTable seams = PartialTable.Create(plan.Stream.Views[view], new StringDictionary());
                foreach (RunWorker worker in all)
                {
                    seams.Merge(worker.Leave(view));
                }

                seams.Close(new SeamClosing(times), sink);
            }

            RowRefusals refused = new();
            foreach (RunWorker worker in all)
            {
                refused.Add(worker.Refused);
            }

            return new ComputationReport(scan.Rows, refused);
        }
        finally
        {
            foreach (RunWorker worker in all)
            {
                worker.Dispose();
            }
        }

        void Run(RunWorker worker, CancellationTokenSource failed)
        {
            try
            {
                worker.Run(progress, failed.Token);
            }
            catch
            {
                // The others need not go on for nothing.
                failed.Cancel();
                throw;
            }
        }
    }
}

/// <summary>What was computed.</summary>
/// <param name="Rows">How many rows were read.</param>
/// <param name="Refused">Those that count in no view.</param>
internal sealed record ComputationReport(long Rows, RowRefusals Refused);
