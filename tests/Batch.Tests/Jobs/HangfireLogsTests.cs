using Hangfire.Logging;
using Lambda.Batch.Jobs;
using Microsoft.Extensions.Logging;
using LogLevel = Hangfire.Logging.LogLevel;

namespace Lambda.Batch.Tests.Jobs;

public sealed class HangfireLogsTests
{
    /// <summary>
    /// Hangfire's static constructors ask the provider of the host that was set last; when that one had been disposed meanwhile, the constructor
    /// threw and every later host of the process failed to start with a TypeInitializationException.
    /// </summary>
    [Fact]
    public void A_host_that_has_ended_gives_a_log_that_says_nothing()
    {
        LoggerFactory factory = new();
        HangfireLogs logs = new(factory);
        factory.Dispose();

        ILog log = logs.GetLogger("Hangfire.GlobalJobFilters");

        Assert.False(log.Log(LogLevel.Fatal, () => "nobody reads this", new InvalidOperationException()));
    }

    [Fact]
    public void A_running_host_gets_what_is_logged()
    {
        using Lines lines = new();
        using LoggerFactory factory = new([lines]);

        new HangfireLogs(factory).GetLogger("Hangfire.Server").Log(LogLevel.Warn, () => "a worker stopped", exception: null);

        Assert.Equal("Hangfire.Server Warning a worker stopped", Assert.Single(lines.Written));
    }

    private sealed class Lines : ILoggerProvider
    {
        public List<string> Written { get; } = [];

        public ILogger CreateLogger(string categoryName) => new Line(categoryName, Written);

        public void Dispose()
        {
        }

        private sealed class Line(string category, List<string> written) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) => true;

            public void Log<TState>(
                Microsoft.Extensions.Logging.LogLevel logLevel,
                EventId eventId,
                TState state,
                Exception? exception,
                Func<TState, Exception?, string> formatter) => written.Add($"{category} {logLevel} {formatter(state, exception)}");
        }
    }
}
