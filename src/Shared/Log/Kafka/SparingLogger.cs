using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Lambda.Log.Kafka;

/// <summary>
/// Passes messages on, but those that clients repeat for as long as a broker is down only now and then: each of them once, and after <see cref="Pause"/> once
/// more with how often it was left out.
/// </summary>
internal sealed partial class SparingLogger(ILogger inner, TimeProvider time) : ILogger
{
    /// <summary>How long a message that was passed on is left out when it comes again.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    // More different ones within a pause than any cluster brings about: then all pass until room is made.
    private const int MostRemembered = 512;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Told> _told = new(StringComparer.Ordinal);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!KafkaTelemetry.IsRepeatedByClients(eventId))
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
            return;
        }

        if (!IsEnabled(logLevel) || !MayPass(Varying().Replace(formatter(state, exception), ""), out int leftOut))
        {
            return;
        }

        inner.Log(logLevel, eventId, state, exception, leftOut == 0
            ? formatter
            : (said, error) => $"{formatter(said, error)} ({leftOut} more of these were left out)");
    }

    // What differs where the same is meant: the client's number, how long it took, and how often librdkafka itself left it out.
    [GeneratedRegex(@"rdkafka#\w+-\d+: |\(after \d+ms[^)]*\)")]
    private static partial Regex Varying();

    private bool MayPass(string message, out int leftOut)
    {
        long now = time.GetTimestamp();
        lock (_lock)
        {
            leftOut = 0;
            if (_told.TryGetValue(message, out Told? told))
            {
                if (time.GetElapsedTime(told.At, now) < Pause)
                {
                    told.LeftOut++;
                    return false;
                }

                leftOut = told.LeftOut;
            }
            else if (_told.Count >= MostRemembered)
            {
                foreach ((string old, Told _) in _told.Where(each => time.GetElapsedTime(each.Value.At, now) >= Pause).ToList())
                {
                    _told.Remove(old);
                }
            }

            if (told is not null || _told.Count < MostRemembered)
            {
                _told[message] = new Told(now);
            }

            return true;
        }
    }

    private sealed class Told(long at)
    {
        public long At { get; } = at;

        public int LeftOut { get; set; }
    }
}
