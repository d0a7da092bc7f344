using Lambda.Testing.Shapes;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Windows;

namespace Lambda.Testing.Layers;

/// <summary>Reads what the layers say of a view, in the shape that a test wants.</summary>
internal sealed class ViewReader<TKey, TResult>(ViewDefinition view, IRowShape<TKey, TResult> shape, LayerState state)
{
    private readonly LayerWindows _windows = new(view, state.Speed, state.End);
    private readonly CorrectedWindows _corrected = state.Corrected(view);

    /// <summary>Everything.</summary>
    public ViewResults<TKey, TResult> Read() => new()
    {
        Merged = Served(_windows.Merged(state.Generation), _corrected),
        Speed = Served(_windows.Speed(PartialSelection.Accepted), null),
        Batch = Served(_windows.Batch(state.Generation), _corrected),
        Late = Served(_windows.Speed(PartialSelection.Late), null),
        Corrections = [.. state.LastChanges(view).Select(Correction)],
        Comparison = state.Generation is { } generation ? [.. _windows.Compare(generation).Select(Comparison)] : [],
    };

    private IReadOnlyList<WindowResult<TKey, TResult>> Served(IReadOnlyList<WindowRow> rows, CorrectedWindows? corrected) =>
        [.. rows.Select(row => Result(row, corrected))];

    private WindowCorrection<TKey, TResult> Correction((WindowRow? Before, WindowRow? After) change)
    {
        WindowRow window = (change.After ?? change.Before)!;
        return new WindowCorrection<TKey, TResult>(
            shape.Key(window.Key), Instant(window.Start), Instant(window.End), ResultOrNull(change.Before, null), ResultOrNull(change.After, _corrected));
    }

    private WindowComparison<TKey, TResult> Comparison(ComparedRow row) => new(
        shape.Key(row.Window.Key),
        Instant(row.Window.Start),
        Instant(row.Window.End),
        ResultOrNull(row.Batch, _corrected),
        ResultOrNull(row.Speed, null),
        row.Late,
        row.Removed.Duplicates,
        row.Removed.Quarantined,
        row.Unexplained(view));

    private WindowResult<TKey, TResult>? ResultOrNull(WindowRow? row, CorrectedWindows? corrected) => row is null ? null : Result(row, corrected);

    private WindowResult<TKey, TResult> Result(WindowRow row, CorrectedWindows? corrected) => new(
        shape.Key(row.Key), Instant(row.Start), Instant(row.End), shape.Result(row.Results), row.EventCount, Status(row, corrected));

    private WindowStatus Status(WindowRow row, CorrectedWindows? corrected) =>
        !view.Window.IsComplete(new TimeWindow(row.Start, row.End), row.EventCount, state.Watermark) ? WindowStatus.Open
        : corrected?.Contain(row) == true ? WindowStatus.Corrected
        : WindowStatus.Complete;

    /// <summary>The first and the last window can reach over the ends of the calendar; they are shown cut there.</summary>
    private static DateTimeOffset Instant(long microseconds) =>
        UtcMicroseconds.ToDateTimeOffset(Math.Clamp(microseconds, UtcMicroseconds.MinValue, UtcMicroseconds.MaxValue));
}
