using Hangfire.AspNetCore;
using Hangfire.Logging;
using ILoggerFactory = Microsoft.Extensions.Logging.ILoggerFactory;

namespace Lambda.Batch.Jobs;

/// <summary>
/// Where Hangfire writes its log. Hangfire keeps one provider for the whole process and asks it from static constructors, so it may ask after the
/// host that set it has ended and while another runs; an exception there would leave a type of Hangfire's unusable until the process ends.
/// </summary>
internal sealed class HangfireLogs(ILoggerFactory factory) : ILogProvider
{
    private readonly AspNetCoreLogProvider _inner = new(factory);

    public ILog GetLogger(string name)
    {
        try
        {
            return _inner.GetLogger(name);
        }
        catch (ObjectDisposedException)
        {
            return Silence.Instance;
        }
    }

    /// <summary>The log of a host that has ended.</summary>
    private sealed class Silence : ILog
    {
        public static readonly Silence Instance = new();

        public bool Log(LogLevel logLevel, Func<string>? messageFunc, Exception? exception) => false;
    }
}
