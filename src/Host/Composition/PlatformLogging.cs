using Lambda.Hosting.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Lambda.Hosting.Composition;

/// <summary>What a process says on its error stream besides what its command prints.</summary>
internal static class PlatformLogging
{
    /// <summary>
    /// Answers go to the standard output; what the layers have to say must not get between them. A start that fails is told by the command, without a
    /// stack trace; and a run that is stopped with the server is no reason to warn.
    /// </summary>
    public static void Configure(ILoggingBuilder logging, Application application, PlatformRole role) => logging.SetMinimumLevel(LogLevel.Warning)
        .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)

        // Jobs log themselves why they fail; Hangfire would add a stack trace, even to an audit that did its work and blocked.
        .AddFilter("Hangfire.AutomaticRetryAttribute", LogLevel.None)
        .AddFilter("Lambda.Batch.Jobs", role == PlatformRole.Serve ? LogLevel.Warning : LogLevel.Error)
        .AddFilter("Hangfire.Server.Worker", LogLevel.Error)
        .AddConfiguration(application.Configuration.GetSection(SettingsSources.Logging))
        .AddSimpleConsole(console => console.SingleLine = true)
        .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
}
