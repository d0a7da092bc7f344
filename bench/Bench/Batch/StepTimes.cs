using System.Diagnostics;
using System.Globalization;
using Lambda.Batch.Recompute;

namespace Lambda.Bench.Batch;

/// <summary>How long the steps of a run take, how much CPU of all threads of the process, the most memory that it had by their end, and what .NET had of it when it last collected.</summary>
internal sealed class StepTimes : IProgress<RunProgress>
{
    private readonly Lock _lock = new();
    private readonly List<(string Step, double Seconds, double Cpu, long Megabytes, long Heap)> _steps = [];
    private string? _step;
    private long _since;
    private TimeSpan _cpuSince;

    public void Report(RunProgress value)
    {
        lock (_lock)
        {
            if (value.Step == _step)
            {
                return;
            }

            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            if (_step is not null)
            {
                _steps.Add((_step, Stopwatch.GetElapsedTime(_since).TotalSeconds, (cpu - _cpuSince).TotalSeconds, PeakMemory.Megabytes, GC.GetGCMemoryInfo().TotalCommittedBytes >> 20));
            }

            (_step, _since, _cpuSince) = (value.Step, Stopwatch.GetTimestamp(), cpu);
        }
    }

    public override string ToString() => string.Join(
        ", ", _steps.Select(step => string.Create(CultureInfo.InvariantCulture, $"{step.Step} {step.Seconds:F3} s ({step.Cpu:F3} s of CPU, {step.Megabytes} MB, {step.Heap} MB in .NET)")));
}
