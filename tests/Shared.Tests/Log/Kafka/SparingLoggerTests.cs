using Lambda.Log.Kafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Lambda.Tests.Log.Kafka;

/// <summary>A broker that is down makes librdkafka say the same for each of its threads, several times a second.</summary>
public class SparingLoggerTests
{
    private const int Error = 3;

    private readonly FakeTimeProvider _time = new();
    private readonly Lines _lines = new();
    private readonly SparingLogger _logger;

    public SparingLoggerTests() => _logger = new SparingLogger(_lines, _time);

    [Fact]
    public void The_same_line_passes_once_and_after_a_while_again_with_how_often_it_was_left_out()
    {
        for (int second = 0; second < 25; second++)
        {
            for (int client = 1; client <= 7; client++)
            {
                Refused(client, broker: "kafka-1:9092/1", milliseconds: second);
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        // At once, after ten seconds and after twenty; of the seven times ten in between one has passed.
        string line = "librdkafka ERROR: [thrd:app]: rdkafka#consumer-1: kafka-1:9092/1: Connect to ipv4#10.0.0.1:9092 failed: Connection refused";
        Assert.Equal(
            [
                $"Error {line} (after 0ms in state CONNECT)",
                $"Error {line} (after 10ms in state CONNECT) (69 more of these were left out)",
                $"Error {line} (after 20ms in state CONNECT) (69 more of these were left out)",
            ],
            _lines.Said);
    }

    [Fact]
    public void Other_brokers_levels_and_messages_are_not_taken_for_the_same()
    {
        Refused(1, "kafka-1:9092/1", 0);
        Refused(1, "kafka-2:9092/2", 0);
        KafkaTelemetry.ConnectionTrouble(_logger, "2/3 brokers are down");
        KafkaTelemetry.GroupError(_logger, "mine", "2/3 brokers are down");
        Assert.Equal(4, _lines.Said.Count);
    }

    [Fact]
    public void What_is_said_once_by_its_nature_always_passes()
    {
        for (int time = 0; time < 3; time++)
        {
            KafkaTelemetry.Lost(_logger, "mine", "beats/1");
        }

        Assert.Equal(3, _lines.Said.Count);
    }

    [Fact]
    public void However_many_different_lines_there_are_each_passes()
    {
        for (int line = 0; line < 3000; line++)
        {
            KafkaTelemetry.ConnectionTrouble(_logger, $"trouble {line}");
        }

        Assert.Equal(3000, _lines.Said.Distinct().Count());
    }

    private void Refused(int client, string broker, int milliseconds) => KafkaTelemetry.Tell(
        _logger, Error, "ERROR",
        $"[thrd:app]: rdkafka#consumer-{client}: {broker}: Connect to ipv4#10.0.0.1:9092 failed: Connection refused (after {milliseconds}ms in state CONNECT)");

    private sealed class Lines : ILogger
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Said.Add($"{logLevel} {formatter(state, exception)}");
    }
}
