using System.Diagnostics;
using System.Globalization;

namespace Lambda.LogEngines;

/// <summary>Appends and scans the same records with every candidate and prints a Markdown table; the best of three rounds counts.</summary>
internal static class EngineComparison
{
    private const int Rounds = 3;

    public static void Run(string root)
    {
        Func<string, ILogEngine>[] engines =
        [
            folder => new RocksChunks(folder),
            folder => new RocksRecords(folder),
            folder => new FasterRecords(folder),
            folder => new SqliteRows(folder),
        ];
        Console.WriteLine("| engine | append, s | append, records/s | scan, s | scan, records/s | MB on disk | managed bytes per record, append / scan |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (Func<string, ILogEngine> open in engines)
        {
            Result best = Enumerable.Range(0, Rounds).Select(_ => Measure(open, root))
                .Aggregate((a, b) => new Result(
                    a.Name, Min(a.Append, b.Append), Min(a.Scan, b.Scan), b.DiskBytes, b.AppendAllocated, b.ScanAllocated));
            Print(best);
        }
    }

    private static Result Measure(Func<string, ILogEngine> open, string root)
    {
        string folder = Path.Combine(root, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(folder);
        try
        {
            byte[] group = Workload.Group(seed: 7);
            using ILogEngine engine = open(folder);
            long before = GC.GetTotalAllocatedBytes();
            var clock = Stopwatch.StartNew();
            for (int i = 0; i < Workload.Records / Workload.GroupRecords; i++)
            {
                engine.AppendGroup(group);
            }

            TimeSpan append = clock.Elapsed;
            long between = GC.GetTotalAllocatedBytes();
            clock.Restart();
            (long records, _) = engine.Scan();
            TimeSpan scan = clock.Elapsed;
            if (records != Workload.Records)
            {
                throw new InvalidOperationException($"{engine.Name}: {records} records came back instead of {Workload.Records}.");
            }

            long disk = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);
            return new Result(engine.Name, append, scan, disk, between - before, GC.GetTotalAllocatedBytes() - between);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Print(Result r) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {r.Name} | {r.Append.TotalSeconds:F2} | {Workload.Records / r.Append.TotalSeconds:N0} | {r.Scan.TotalSeconds:F2} "
        + $"| {Workload.Records / r.Scan.TotalSeconds:N0} | {r.DiskBytes / 1e6:F0} "
        + $"| {r.AppendAllocated / (double)Workload.Records:F1} / {r.ScanAllocated / (double)Workload.Records:F1} |"));

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private sealed record Result(string Name, TimeSpan Append, TimeSpan Scan, long DiskBytes, long AppendAllocated, long ScanAllocated);
}
