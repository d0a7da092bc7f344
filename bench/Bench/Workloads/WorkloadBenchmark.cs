using System.Diagnostics;
using System.Globalization;
using Lambda.Batch.Compute;
using Lambda.Batch.Scan;
using Lambda.Views.Plans;

namespace Lambda.Bench.Workloads;

/// <summary>
/// The workloads over one Parquet file, by DuckDB and by us, turn by turn: a warm-up of each, then rounds. Every answer is consumed whole and compared. The
/// memory of each is that of a process of its own which does nothing else.
/// </summary>
internal static class WorkloadBenchmark
{
    public const int Threads = 2;

    /// <summary>The side that a process of its own is asked for.</summary>
    private const string SideOption = "--side";
    private const string PeerSide = "duckdb";
    private const string OurSide = "ours";

    public static async Task<int> RunAsync(string[] args)
    {
        int millions = Option(args, "--rows", 30);
        int rounds = Option(args, "--rounds", 5);
        string file = FlightsData.Provide(millions);
        IReadOnlyList<Workload> chosen = [.. Workload.All.Where(workload => args.Contains(workload.Name))];
        chosen = chosen.Count > 0 ? chosen : Workload.All;
        int side = Array.IndexOf(args, SideOption);
        if (side >= 0)
        {
            await RunSideAsync(args[side + 1], chosen[0], file, Option(args, "--rounds", 1));
            return 0;
        }

        Console.WriteLine($"{file}: {millions} M rows; medians of {rounds} rounds, {Threads} threads each");
        foreach (Workload workload in chosen)
        {
            await CompareAsync(workload, file, rounds, args);
        }

        return 0;
    }

    private static async Task CompareAsync(Workload workload, string file, int rounds, string[] args)
    {
        using Peer peer = new();
        List<double> peers = [];
        List<double> ours = [];
        Fingerprint? answer = null;
        for (int round = -1; round < rounds; round++)
        {
            (double peerSeconds, Fingerprint expected) = await TimedAsync(() => Task.FromResult(peer.Ask(workload, $"read_parquet('{file}')")));
            (double ourSeconds, Fingerprint actual) = await TimedAsync(() => ComputeAsync(workload, file));
            if (expected.ToString() != actual.ToString())
            {
                throw new InvalidOperationException($"{workload.Name}: the answers differ: DuckDB {expected}, ours {actual}.");
            }

            answer = actual;
            if (round >= 0)
            {
                peers.Add(peerSeconds);
                ours.Add(ourSeconds);
            }
        }

        double peerMedian = Median(peers);
        double ourMedian = Median(ours);
        long peerPeak = PeakOf(PeerSide, workload, args);
        long ourPeak = PeakOf(OurSide, workload, args);
        Console.WriteLine(
            $"{workload.Name}  {workload.What}\n"
            + $"   DuckDB {peerMedian,7:F3} s  {peerPeak,6} MB   ours {ourMedian,7:F3} s  {ourPeak,6} MB   "
            + $"{peerMedian / ourMedian:F2} times as fast, {(double)peerPeak / ourPeak:F1} times less memory; equal: {answer}");
    }

    private static async Task<Fingerprint> ComputeAsync(Workload workload, string file)
    {
        StreamPlan plan = new(workload.Stream());
        ScanPlan scan = ScanPlan.Of([file], plan.Stream, plan.ViewAndCheckProjection, StatisticsUse.Trust);
        using OurAnswer answer = new(workload);
        await FileComputation.RunAsync(plan, scan, Threads, answer, new Progress<long>(), CancellationToken.None);
        return answer.Total;
    }

    private static async Task RunSideAsync(string side, Workload workload, string file, int rounds)
    {
        using Peer? peer = side == PeerSide ? new Peer() : null;
        for (int round = 0; round < rounds; round++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            (double seconds, _) = await TimedAsync(() => peer is null ? ComputeAsync(workload, file) : Task.FromResult(peer.Ask(workload, $"read_parquet('{file}')")));
            Console.WriteLine($"{seconds:F3} s, {(Environment.CpuUsage.TotalTime - before).TotalSeconds:F3} s of CPU");
        }

        Console.WriteLine(PeakMemory.Megabytes.ToString(CultureInfo.InvariantCulture));
    }

    private static long PeakOf(string side, Workload workload, string[] args)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (string argument in (string[])["workloads", workload.Name, SideOption, side, .. Passed(args)])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException("The process does not start.");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return long.Parse(output.Trim().Split('\n')[^1], CultureInfo.InvariantCulture);
    }

    private static string[] Passed(string[] args)
    {
        int rows = Array.IndexOf(args, "--rows");
        return rows < 0 ? [] : args[rows..(rows + 2)];
    }

    private static async Task<(double Seconds, Fingerprint Answer)> TimedAsync(Func<Task<Fingerprint>> run)
    {
        long started = Stopwatch.GetTimestamp();
        Fingerprint answer = await run();
        return (Stopwatch.GetElapsedTime(started).TotalSeconds, answer);
    }

    private static int Option(string[] args, string name, int usual)
    {
        int place = Array.IndexOf(args, name);
        return place < 0 ? usual : int.Parse(args[place + 1], CultureInfo.InvariantCulture);
    }

    private static double Median(List<double> seconds) => seconds.Order().ElementAt(seconds.Count / 2);
}
