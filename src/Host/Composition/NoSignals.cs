using Microsoft.Extensions.Hosting;

namespace Lambda.Hosting.Composition;

/// <summary>Leaves signals to the command line, which ends commands that have a platform and commands that have none alike.</summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
