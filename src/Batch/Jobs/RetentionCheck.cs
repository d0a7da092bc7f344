using Lambda.Definition;
using Lambda.Views;
using Lambda.Windows;
using Microsoft.Extensions.Hosting;

namespace Lambda.Batch.Jobs;

/// <summary>
/// Stops a host from starting whose windows would expire while they still take events. The speed layer judges events by stored sessions, and an event
/// can join one that ended by out-of-orderness, lateness and gap before the newest event of its partition.
/// </summary>
internal sealed class RetentionCheck(Catalog catalog, BatchOptions options) : IHostedService
{
    /// <summary>Holds all views against the retention.</summary>
    /// <exception cref="ArgumentException">One takes events for longer.</exception>
    public static void Check(Catalog catalog, BatchOptions options)
    {
        foreach (StreamDefinition stream in catalog.Streams)
        {
            foreach (ViewDefinition view in stream.Views)
            {
                Require(stream, view, options);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Check(catalog, options);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static void Require(StreamDefinition stream, ViewDefinition view, BatchOptions options)
    {
        TimeSpan gap = view.Window is SessionWindows sessions ? TimeSpan.FromMicroseconds(sessions.Gap) : TimeSpan.Zero;
        Int128 ticks = (Int128)stream.OutOfOrderness.Ticks + view.AllowedLateness.Ticks + gap.Ticks;
        TimeSpan least = TimeSpan.FromTicks((long)Int128.Min(ticks, TimeSpan.MaxValue.Ticks));
        if (options.CompareRetention < least)
        {
            string ofSessions = gap > TimeSpan.Zero ? $", and a gap of {gap}" : "";
            throw new ArgumentException(
                $"{nameof(BatchOptions.CompareRetention)} is {options.CompareRetention}, and windows of view '{view.Name}' of stream '{stream.Name}' take events "
                + $"for longer: OutOfOrderness of {stream.OutOfOrderness}, AllowedLateness of {view.AllowedLateness}{ofSessions}. Set "
                + $"{nameof(BatchOptions.CompareRetention)} to {least} or more, or declare less.");
        }
    }
}
