using Microsoft.Extensions.Logging;

namespace Lambda.Serving.Tests.Capture.Support;

/// <summary>Keeps what is logged.</summary>
internal sealed class RecordedLog : ILoggerProvider, ILogger
{
    private readonly Lock _gate = new();
    private readonly List<(int Id, string Message)> _entries = [];

    public IReadOnlyList<(int Id, string Message)> Entries
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries];
            }
        }
    }

    public IEnumerable<string> Of(int id) => Entries.Where(entry => entry.Id == id).Select(entry => entry.Message);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate)
        {
            _entries.Add((eventId.Id, $"{formatter(state, exception)} {exception?.Message}".Trim()));
        }
    }

    public void Dispose()
    {
    }
}
