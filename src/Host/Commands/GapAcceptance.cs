using Lambda.Hosting.Composition;
using Lambda.Hosting.Output;
using Lambda.Log;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>Finds what a stream's log has lost, and accepts it.</summary>
internal static class GapAcceptance
{
    /// <summary>What the log has lost before the speed layer computed it, and nobody has accepted.</summary>
    public static async Task<IReadOnlyList<(int Partition, OffsetRange Offsets)>> FindLostAsync(
        Platform platform, StreamDefinition stream, CancellationToken cancellationToken)
    {
        List<(int Partition, OffsetRange Offsets)> lost = [];
        if (await platform.Store.ReadStreamAsync(stream.Name, cancellationToken).ConfigureAwait(false) is { } status)
        {
            IReadOnlyList<LogGap> gaps = await platform.Store.ReadGapsAsync(stream.Name, cancellationToken).ConfigureAwait(false);
            foreach (PartitionStatus partition in status.Partitions)
            {
                OffsetRange there = await platform.Log.GetOffsetsAsync(stream.Name, partition.Partition, cancellationToken).ConfigureAwait(false);
                OffsetRange offsets = LogGaps.Lost(gaps, partition.Partition, partition.NextOffset, there.Start);
                if (!offsets.IsEmpty)
                {
                    lost.Add((partition.Partition, offsets));
                }
            }
        }

        return lost;
    }

    /// <summary>Accepts all of it.</summary>
    public static async Task AcceptAsync(Platform platform, StreamDefinition stream, Terminal terminal, CancellationToken cancellationToken)
    {
        foreach ((int partition, OffsetRange offsets) in await FindLostAsync(platform, stream, cancellationToken).ConfigureAwait(false))
        {
            await platform.Store.AcceptGapAsync(new LogGap(stream.Name, partition, offsets, TimeProvider.System.GetUtcNow()), cancellationToken).ConfigureAwait(false);
            terminal.Line($"{stream.Name}: partition {partition} goes on without the offsets {offsets}, which the log has lost");
        }
    }

    /// <summary>Refuses to wait for a partition that stands still.</summary>
    /// <exception cref="CommandException">Its log has lost what it was to compute.</exception>
    public static async Task RequireNoneAsync(Platform platform, StreamDefinition stream, CancellationToken cancellationToken)
    {
        if (await FindLostAsync(platform, stream, cancellationToken).ConfigureAwait(false) is [var (partition, offsets), ..])
        {
            throw new CommandException(
                $"Stream '{stream.Name}', partition {partition}, stands still: the log has lost the offsets {offsets} before they were computed. To go on without "
                + $"them: {GapCommand.For(stream.Name, partition, offsets)}");
        }
    }
}
