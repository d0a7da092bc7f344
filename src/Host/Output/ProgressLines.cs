namespace Lambda.Hosting.Output;

/// <summary>Progress for a file: a line every few seconds.</summary>
internal sealed class ProgressLines(Terminal terminal, string title, TimeProvider time) : IProgress<WorkProgress>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private long _last = time.GetTimestamp();

    public void Report(WorkProgress value)
    {
        if (time.GetElapsedTime(_last) < Interval)
        {
            return;
        }

        _last = time.GetTimestamp();
        terminal.Line(value.Share is { } share ? $"{title}: {share:P0}, {value.Text}" : $"{title}: {value.Text}");
    }
}
