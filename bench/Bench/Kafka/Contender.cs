using System.Diagnostics;
using System.Globalization;

namespace Lambda.Bench.Kafka;

/// <summary>One way to do the work, with what it took in each round.</summary>
/// <param name="name">What it is called.</param>
/// <param name="records">How many records it reads.</param>
/// <param name="run">Reads them once.</param>
/// <param name="readServerCpu">How much CPU a server that works for it has taken; null without one.</param>
internal sealed class Contender(string name, long records, Func<Task> run, Func<TimeSpan>? readServerCpu = null)
{
    private readonly List<double> _seconds = [];
    private readonly List<double> _cpu = [];

    /// <summary>What it is called.</summary>
    public string Name => name;

    /// <summary>The medians of a record: microseconds that passed, and microseconds of CPU of the whole process.</summary>
    public (double Elapsed, double Cpu) Median => (Middle(_seconds), Middle(_cpu));

    /// <summary>The ratio of times round by round, as the median: what else the machine does touches both alike.</summary>
    public double TimesAsFastAs(Contender other) => Middle([.. other._seconds.Zip(_seconds, (theirs, ours) => theirs / ours)]);

    public async Task RunAsync(bool isMeasured)
    {
        GC.Collect();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan serverBefore = readServerCpu?.Invoke() ?? TimeSpan.Zero;
        TimeSpan cpuBefore = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        await run();
        double seconds = Stopwatch.GetElapsedTime(started).TotalMicroseconds / records;
        double cpu = (Environment.CpuUsage.TotalTime - cpuBefore).TotalMicroseconds / records;
        double server = ((readServerCpu?.Invoke() ?? TimeSpan.Zero) - serverBefore).TotalMicroseconds / records;
        if (isMeasured)
        {
            _seconds.Add(seconds);
            _cpu.Add(cpu);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {name,-28} {1 / seconds,6:F2} M records/s, {cpu,6:F3} µs of CPU a record{(readServerCpu is null ? "" : $" and {server:F3} of its server")}, {(double)(GC.GetTotalAllocatedBytes(precise: true) - allocated) / records,7:F2} B allocated a record"));
    }

    public void Report(Contender bare, Contender loop) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-30} {1 / Median.Elapsed,6:F2} M records/s, {Median.Cpu,6:F3} µs of CPU a record, {TimesAsFastAs(bare),5:F2} × batch queue, {TimesAsFastAs(loop),5:F2} × Consume loop"));

    private static double Middle(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
