using Lambda.Events;
using Lambda.Serving.Formats;
using Lambda.Views;
using Lambda.Views.Closing;

namespace Lambda.Hosting.Compute;

/// <summary>Writes windows as text. Several threads may give windows at once: each makes its text by itself, and they take turns in writing it.</summary>
internal abstract class WindowWriter(ViewDefinition view, Stream output) : IWindowSink
{
    private readonly Lock _turn = new();
    private long _windows;

    /// <summary>How many windows were written.</summary>
    public long Windows => Interlocked.Read(ref _windows);

    /// <summary>The view.</summary>
    protected ViewDefinition View => view;

    public void Take(WindowBatch windows)
    {
        ReadOnlyMemory<byte> text = Format(windows);
        lock (_turn)
        {
            output.Write(text.Span);
        }

        Interlocked.Add(ref _windows, windows.Count);
    }

    /// <summary>The text of windows.</summary>
    protected abstract ReadOnlyMemory<byte> Format(WindowBatch windows);

    /// <summary>A part of the key of a window as answers show it.</summary>
    protected object? Key(WindowBatch windows, int part, int row) => windows.Keys[part].GetValue(row) switch
    {
        long microseconds when view.Keys[part].Type == ColumnType.Timestamp => Instants.ToDateTimeOffset(microseconds),
        var value => value,
    };
}
