using System.Diagnostics;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Output;
using Lambda.Log;
using Lambda.Speed;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>Waits until the speed layer has computed and committed all that is in the log now.</summary>
internal static class CatchUp
{
    public static async Task RunAsync(Platform platform, StreamDefinition stream, Terminal terminal, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        long[] ends = await EndsAsync(platform, stream, cancellationToken).ConfigureAwait(false);
        long behind = Behind(platform.Committed, stream.Name, ends);
        Task wait = platform.Committed.WaitAsync(stream.Name, ends, cancellationToken);
        if (wait.IsCompletedSuccessfully)
        {
            return;
        }

        await terminal.ProgressAsync($"speed layer over {stream.Name}", async bar =>
        {
            using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(100));
            while (!wait.IsCompleted)
            {
                long left = Behind(platform.Committed, stream.Name, ends);
                behind = Math.Max(behind, left);
                bar.Report(new WorkProgress(behind == 0 ? 1 : 1 - ((double)left / behind), $"{Figures.Of(left)} events to go"));
                await Task.WhenAny(wait, timer.WaitForNextTickAsync(cancellationToken).AsTask()).ConfigureAwait(false);
            }

            await wait.ConfigureAwait(false);
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

    private static long Behind(CommittedOffsets committed, string stream, long[] ends) =>
        ends.Select((end, partition) => Math.Max(0, end - (committed.Find(stream, partition) ?? 0))).Sum();
}
