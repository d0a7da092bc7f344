using System.Diagnostics.Metrics;
using Lambda.Capture.Sending;
using Lambda.Capture.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lambda.Capture;

/// <summary>The captures of an application, as a service: what became of their events can be read here, and shown by the application where it likes.</summary>
public sealed class EventCaptures : IHostedLifecycleService, IAsyncDisposable
{
    private int _isDisposed;

    internal EventCaptures(IServiceProvider services, IEnumerable<CaptureDeclaration> declarations)
    {
        TimeProvider time = services.GetRequiredService<TimeProvider>();
        ILogger logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Lambda.Capture");
        Time = time;
        Pipelines = [.. declarations.Select(declaration => declaration.Build(services, time, logger))];
        if (Pipelines.GroupBy(pipeline => pipeline.Stream, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new DefinitionException(
                $"Stream '{twice.Key}' is captured twice. Declare one capture with several routes, and map its requests by what they are.");
        }

        CaptureMetrics.Register(services.GetRequiredService<IMeterFactory>(), Pipelines);
    }

    internal IReadOnlyList<CapturePipeline> Pipelines { get; }

    internal TimeProvider Time { get; }

    /// <summary>What became of the events of each capture, in the order of their declaration, as of now.</summary>
    public IReadOnlyList<EventCaptureStatus> Status() => [.. Pipelines.Select(pipeline => pipeline.Status())];

    /// <inheritdoc/>
    Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        foreach (CapturePipeline pipeline in Pipelines)
        {
            pipeline.Start();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends the captures: not before the server has stopped, as the last requests have events too, whatever the order in which services stop.</summary>
    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.WhenAll(Pipelines.Select(pipeline => pipeline.StopAsync()));

    /// <inheritdoc/>
    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sends, spills or gives up what is left, and closes the sinks.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        foreach (CapturePipeline pipeline in Pipelines)
        {
            await pipeline.DisposeAsync().ConfigureAwait(false);
        }
    }
}
