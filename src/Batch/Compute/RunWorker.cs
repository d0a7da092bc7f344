using Lambda.Batch.Scan;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Processing;
using Lambda.Views.Closing;
using Lambda.Views.Operators;
using Lambda.Views.Partials;
using Lambda.Views.Plans;

namespace Lambda.Batch.Compute;

/// <summary>Computes the views over a run of row groups. Not safe for use by several threads at once.</summary>
internal sealed class RunWorker : IDisposable
{
    private readonly StreamPlan _plan;
    private readonly IReadOnlyList<string> _files;
    private readonly IReadOnlyList<RowGroup> _run;
    private readonly ViewRun[] _views;
    private readonly StringDictionary _dictionary = new();
    private readonly StreamOperator _operator;
    private readonly EventBatch _batch;
    private readonly ScanReader _reader;
    private readonly RowChecker _checker;
    private readonly RowSelection _failing = new();

    /// <summary>Per row group the earliest event time of those after it.</summary>
    private readonly long[] _earliestAfter;
    private ScanFile? _file;

    public RunWorker(StreamPlan plan, IReadOnlyList<string> files, IReadOnlyList<RowGroup> run, TimeRegions foreign, IWindowSink sink)
    {
        _plan = plan;
        _files = files;
        _run = run;
        _operator = new StreamOperator(plan, _dictionary);
        _views = [.. _operator.Views.Select(view => new ViewRun(view.Table, foreign, sink))];
        _batch = new EventBatch(plan.ViewAndCheckProjection, _dictionary);
        _reader = new ScanReader(_batch, plan.Stream.EventTime);
        _checker = new RowChecker(plan);
        _earliestAfter = new long[run.Count];
        long earliest = long.MaxValue;
        for (int i = run.Count - 1; i >= 0; i--)
        {
            _earliestAfter[i] = earliest;
            earliest = Math.Min(earliest, run[i].Times.Min);
        }
    }

    /// <summary>Rows that count in no view.</summary>
    public RowRefusals Refused { get; } = new();

    /// <summary>Reads all row groups, and gives the windows that have all their events.</summary>
    /// <exception cref="ScanException">A file is damaged.</exception>
    public void Run(IProgress<long> progress, CancellationToken cancellationToken)
    {
        for (int i = 0; i < _run.Count; i++)
        {
            Read(_run[i], cancellationToken);
            foreach (ViewRun view in _views)
            {
                view.Settle(_earliestAfter[i]);
            }

            progress.Report(_run[i].Rows);
        }
    }

    /// <summary>The partials of a view that windows shared with other workers need.</summary>
    public PartialBatch Leave(int view)
    {
        PartialBatch partials = new(_plan.Stream.Views[view].Layout);
        _views[view].Leave(partials);
        return partials;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _file?.Dispose();
    }

    private void Read(RowGroup group, CancellationToken cancellationToken)
    {
        if (_file?.Path != _files[group.File])
        {
            _file?.Dispose();
            _file = ScanFile.Open(_files[group.File], _plan.Stream);
            _reader.Bind(_file);
        }

        _reader.Open(group);
        while (_reader.ReadNext(Refused))
        {
            cancellationToken.ThrowIfCancellationRequested();
            _checker.Apply(_batch, _reader.Rows, _failing, (row, _, detail) => Refuse(group, row, detail));
            foreach (FailedRow failure in _operator.Process(_batch, _reader.Rows, []))
            {
                Refuse(group, failure.Row, failure.Detail);
            }
        }
    }

    private void Refuse(RowGroup group, int row, string reason) =>
        Refused.Add(new RowRefusal(_files[group.File], group.Index, _reader.FirstRow + row, reason));
}
