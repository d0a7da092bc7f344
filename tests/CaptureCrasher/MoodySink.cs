using Lambda.Capture;
using Lambda.Log;

namespace Lambda.CaptureCrasher;

/// <summary>A sink that writes events to a file, line by line, and in its bad times fails before or after it has done so.</summary>
internal sealed class MoodySink(string path, bool fails, Random random) : ICaptureSink, IDisposable
{
    private readonly FileStream _file = new(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
    private readonly Random _random = new(random.Next());
    private int _callsUntilTurn;
    private bool _isBad = true;

    public ValueTask<SinkAnswer> SendAsync(string stream, RecordBatch events, CancellationToken cancellationToken)
    {
        if (--_callsUntilTurn < 0)
        {
            _isBad = fails && !_isBad;
            _callsUntilTurn = _random.Next(1, 12);
        }

        bool takes = !_isBad || _random.Next(3) == 0;
        if (takes)
        {
            using MemoryStream lines = new();
            for (int i = 0; i < events.Count; i++)
            {
                lines.Write(events.Value(i));
                lines.WriteByte((byte)'\n');
            }

            // One write, so that a kill leaves whole lines.
            _file.Write(lines.GetBuffer(), 0, (int)lines.Length);
        }

        return _isBad ? throw new EventLogException("A bad time.") : default;
    }

    public void Dispose() => _file.Dispose();

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
