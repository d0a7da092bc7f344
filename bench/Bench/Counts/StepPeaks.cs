using System.Diagnostics;
using System.Globalization;
using Lambda.Batch.Audit;
using Lambda.Batch.Recompute;
using Lambda.Store;

namespace Lambda.Bench.Counts;

/// <summary>What the steps of a run take: time, and the most physical memory and the most objects of .NET that the process had in each.</summary>
internal sealed class StepPeaks : IProgress<RunProgress>, IAuditCheck, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Timer _timer;
    private readonly List<string> _steps = [];
    private string? _step;
    private long _since;
    private TimeSpan _cpuSince;
    private long _objects;

    public StepPeaks() => _timer = new Timer(_ => Sample(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(10));

    /// <summary>Where corrections are found, and those behind that, layers are compared.</summary>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(AuditSubject subject, CancellationToken cancellationToken)
    {
        await subject.Changes;
        Report(RunProgress.Auditing with { Step = "comparing layers" });
        return [];
    }

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
                _steps.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_step} {Stopwatch.GetElapsedTime(_since).TotalSeconds:F1} s ({(cpu - _cpuSince).TotalSeconds:F1} s of CPU, at most {PeakMemory.Megabytes} MB, {_objects >> 20} MB of objects)"));
            }

            PeakMemory.Reset();
            (_step, _since, _cpuSince, _objects) = (value.Step, Stopwatch.GetTimestamp(), cpu, 0);
        }
    }

    public override string ToString() => string.Join("\n  ", _steps);

    public void Dispose() => _timer.Dispose();

    private void Sample()
    {
        lock (_lock)
        {
            _objects = Math.Max(_objects, GC.GetTotalMemory(forceFullCollection: false));
        }
    }
}
