using System.Diagnostics;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Output;
using Lambda.Log;
using Lambda.Speed.Telemetry;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>Waits until the speed layer, in this process and others, has computed and committed all that is in the log now.</summary>
internal static class CatchUp
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>How often in a row a partition may meet an error while it is waited for: outages end, defects do not.</summary>
    private const int MostFailures = 10;

    /// <exception cref="CommandException">This process does not get on with a partition.</exception>
    public static async Task RunAsync(Platform platform, StreamDefinition stream, Terminal terminal, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        long[] ends = await EndsAsync(platform, stream, cancellationToken).ConfigureAwait(false);
        long behind = await BehindAsync(platform, stream, ends, cancellationToken).ConfigureAwait(false);
        if (behind == 0)
        {
            return;
        }

        await GapAcceptance.RequireNoneAsync(platform, stream, cancellationToken).ConfigureAwait(false);

        await terminal.ProgressAsync($"speed layer over {stream.Name}", async bar =>
        {
            using PeriodicTimer timer = new(LookInterval);
            long left = behind;
            while (left > 0)
            {
                bar.Report(new WorkProgress(1 - ((double)left / behind), $"{Figures.Of(left)} events to go"));
                await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
                left = await BehindAsync(platform, stream, ends, cancellationToken).ConfigureAwait(false);
                if (left > 0)
                {
                    await RequireProgressAsync(platform, stream, cancellationToken).ConfigureAwait(false);
                }
            }

            return true;
        }).ConfigureAwait(false);
        terminal.Line($"{stream.Name}: the speed layer has committed all events in {Figures.Of(Stopwatch.GetElapsedTime(start))}");
    }

    /// <summary>The end of each partition of a stream's log.</summary>
    public static async Task<long[]> EndsAsync(Platform platform, StreamDefinition stream, CancellationToken cancellationToken)
    {
        long[] ends = new long[platform.Partitions[stream.Name]];
        for (int partition = 0; partition < ends.Length; partition++)
        {
            OffsetRange offsets = await platform.Log.GetOffsetsAsync(stream.Name, partition, cancellationToken).ConfigureAwait(false);
            ends[partition] = offsets.End;
        }

        return ends;
    }

    /// <summary>Refuses to wait for what does not come.</summary>
    private static async Task RequireProgressAsync(Platform platform, StreamDefinition stream, CancellationToken cancellationToken)
    {
        foreach (PartitionProgress progress in platform.Computed?.Partitions.Where(progress => progress.Stream == stream.Name) ?? [])
        {
            if (progress.Blocked is OffsetTrimmedException)
            {
                // It may have been accepted since.
                await GapAcceptance.RequireNoneAsync(platform, stream, cancellationToken).ConfigureAwait(false);
            }
            else if (progress.Blocked is { } error)
            {
                throw StandsStill(progress, error.Message);
            }
            else if (progress.Failures is { Count: >= MostFailures } failures)
            {
                throw StandsStill(progress, $"It has met {failures.Count} errors, one after the other. {failures.Reason}");
            }
        }
    }

    private static CommandException StandsStill(PartitionProgress progress, string reason) => new(
        $"Partition {progress.Partition} of stream '{progress.Stream}' is not computed, so it is not waited for. {reason} "
        + "The events are in the log: they are computed once that is mended.");

    /// <summary>How many offsets below the ends are not committed in the store, which knows it whoever commits.</summary>
    private static async Task<long> BehindAsync(Platform platform, StreamDefinition stream, long[] ends, CancellationToken cancellationToken)
    {
        StreamStatus? status = await platform.Store.ReadStreamAsync(stream.Name, cancellationToken).ConfigureAwait(false);
        return ends.Select((end, partition) => Math.Max(0, end - (status?.Partitions[partition].NextOffset ?? 0))).Sum();
    }
}
