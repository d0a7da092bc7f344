using System.Diagnostics;
using System.Globalization;
using Lambda.Batch.Archive;
using Lambda.Batch.Recompute;
using Lambda.Bench.Workloads;
using Lambda.Jobs;

namespace Lambda.Bench.Batch;

/// <summary>
/// A run over everything (read, drop repetitions, compute two views, write them, ten data checks, publish) over a generation that serves, against DuckDB's SQL
/// answering only the two questions from the same Parquet files, turn by turn in one process with two threads each. Then runs over one percent of new events. Each
/// answer is compared. The memory of each side is that of a process of its own which does nothing else.
/// </summary>
internal static class BatchBenchmark
{
    private const string Name = "batch";

    public static async Task RunAsync(string[] arguments)
    {
        BatchBenchmarkOptions options = BatchBenchmarkOptions.Read(arguments);
        string folder = await PreparedHistory.CopyAsync(options.Millions, options.Ids);
        try
        {
            if (options.Alone is { } side)
            {
                await RunAloneAsync(folder, side);
                return;
            }

            await CompareAsync(folder, options);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Console.WriteLine(options.HasPeer
            ? $"memory of a process alone: ours {PeakOf(Side.Ours, options)} MB, DuckDB {PeakOf(Side.DuckDB, options)} MB"
            : $"most memory of this process: {PeakMemory.Megabytes} MB");
    }

    private static async Task CompareAsync(string folder, BatchBenchmarkOptions options)
    {
        await using BatchWorld world = await BatchWorld.OpenAsync(folder);
        using Peer? peer = options.HasPeer ? new Peer() : null;
        List<double> ours = [];
        List<double> peers = [];
        for (int round = -1; round < options.Rounds; round++)
        {
            (double peerSeconds, string? expected) = await AskAsync(world, peer);
            (double seconds, RunResult result, StepTimes steps) = await world.RunAsync(RunScope.All);
            await RequireSameAsync(expected, world);
            await world.ExpireAsync();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{(round < 0 ? "warm-up" : $"round {round + 1}")}: {result.Rows} events, ours {seconds:F2} s{(peer is null ? "" : Against(peerSeconds))}; load {MachineLoad.Now}; {steps}"));
            if (round < 0)
            {
                Console.WriteLine(expected is null ? "not compared" : $"equal: {expected}");
                continue;
            }

            ours.Add(seconds);
            peers.Add(peerSeconds);
        }

        if (peer is not null)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"a run over everything {Median(ours):F2} s, DuckDB's two GROUP BYs {Median(peers):F2} s: {Median(peers) / Median(ours):F2} times as fast"));
        }

        await MeasureNewAsync(world, peer, options, Median(ours));
    }

    private static string Against(double peerSeconds) => string.Create(CultureInfo.InvariantCulture, $", DuckDB {peerSeconds:F2} s");

    private static async Task MeasureNewAsync(BatchWorld world, Peer? peer, BatchBenchmarkOptions options, double all)
    {
        List<double> added = [];
        using IEnumerator<Lambda.Log.RecordBatch> arrivals =
            FlightRecords.Read(
                options.Ids, PreparedHistory.CopiesOf(options.Millions), PreparedHistory.CopiesOf(options.Millions), PreparedHistory.EarlierOf(options.Millions)).GetEnumerator();
        for (int round = 0; round < options.NewRounds; round++)
        {
            long records = await world.ArchiveAsync(Next(arrivals, options.NewEvents));
            (double seconds, RunResult result, StepTimes steps) = await world.RunAsync(RunScope.New);
            if (result.CarriedFrom is null || result.Rows != records)
            {
                throw new InvalidOperationException($"All was computed: {result.Message}");
            }

            await RequireSameAsync((await AskAsync(world, peer)).Answer, world);
            added.Add(seconds);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{records} new events: {seconds:F2} s; load {MachineLoad.Now}; {steps}"));
        }

        if (added.Count > 0)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"a run over new events {Median(added):F2} s: {Median(added) / all:P1} of one over everything"));
        }
    }

    private static IEnumerable<Lambda.Log.RecordBatch> Next(IEnumerator<Lambda.Log.RecordBatch> arrivals, long events)
    {
        for (long records = 0; records < events && arrivals.MoveNext(); records += arrivals.Current.Count)
        {
            yield return arrivals.Current;
        }
    }

    private static async Task RunAloneAsync(string folder, Side side)
    {
        await using BatchWorld world = await BatchWorld.OpenAsync(folder);
        if (side == Side.DuckDB)
        {
            using Peer peer = new();
            Report((await AskAsync(world, peer)).Seconds, "answered");
            return;
        }

        // The second run is one over a generation that serves.
        for (int run = 0; run < 2; run++)
        {
            (double seconds, _, StepTimes steps) = await world.RunAsync(RunScope.All);
            Report(seconds, steps.ToString());
        }

        static void Report(double seconds, string steps) => Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{seconds:F2} s, load {MachineLoad.Now}; {steps}; most memory so far in MB:\n{PeakMemory.Megabytes}"));
    }

    private static long PeakOf(Side side, BatchBenchmarkOptions options)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (string argument in (string[])
            [Name, "--millions", options.Millions.ToString(CultureInfo.InvariantCulture), "--ids", options.Ids.ToString(), "--alone", side.ToString()])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException("The process does not start.");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return long.Parse(output.Trim().Split('\n')[^1], CultureInfo.InvariantCulture);
    }

    /// <summary>Asks the peer, if there is one.</summary>
    private static async Task<(double Seconds, string? Answer)> AskAsync(BatchWorld world, Peer? peer)
    {
        if (peer is null)
        {
            return (0, null);
        }

        IArchiveSnapshot archive = await world.Stream.Archive.PinAsync(CancellationToken.None);
        using LocalFiles files = await archive.OpenFilesAsync(CancellationToken.None);
        long started = Stopwatch.GetTimestamp();
        string answer = Answers.Ask(peer, files.Paths);
        return (Stopwatch.GetElapsedTime(started).TotalSeconds, answer);
    }

    private static async Task RequireSameAsync(string? expected, BatchWorld world)
    {
        if (expected is not null && await Answers.ReadAsync(world) is var actual && expected != actual)
        {
            throw new InvalidOperationException($"The answers differ: DuckDB {expected}, ours {actual}.");
        }
    }

    /// <summary>Of an even number, the mean of the two in the middle.</summary>
    private static double Median(List<double> seconds)
    {
        double[] ordered = [.. seconds.Order()];
        return (ordered[(ordered.Length - 1) / 2] + ordered[ordered.Length / 2]) / 2;
    }
}
