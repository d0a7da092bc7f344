using Lambda.Batch.Archive;
using Lambda.Batch.History.SideTables;
using Lambda.Batch.Tests.Support;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Tests.Archive;

/// <summary>Work that began with a stream before its topic got more partitions, of which another process has archived some meanwhile.</summary>
public class AddedPartitionTests
{
    private const int More = Orders.Partitions + 2;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_others_note_of_partitions_that_were_added_is_left_out()
    {
        await using Platform platform = await Platform.CreateAsync();
        using HistoryArchive larger = await HistoryArchive.OpenAsync(platform.Storage, platform.Definition, Boundary.Zero(More), TimeProvider.System, Cancellation);
        Dictionary<int, OffsetRange> ranges = new() { [0] = new OffsetRange(0, 3), [More - 1] = new OffsetRange(0, 3) };
        await larger.AppendQuarantineAsync([Refused(0, 1), Refused(More - 1, 1)], ranges, Cancellation);
        await larger.AppendVoidsAsync([new LogVoid(0, new OffsetRange(2, 3)), new LogVoid(More - 1, new OffsetRange(2, 3))], ranges, Cancellation);
        await DeletionTable.AppendAsync(platform.Storage, Orders.Stream, [new LogPosition(0, 0), new LogPosition(More - 1, 0)], TimeProvider.System, Cancellation);
        IArchiveSnapshot archive = await platform.Archive.PinAsync(Cancellation);
        Boundary below = new([3, 0, 0]);

        Assert.Equal([new LogPosition(0, 1)], await archive.ReadQuarantinedPositionsAsync(below, Cancellation).ToListAsync(Cancellation));
        Assert.Equal([new LogVoid(0, new OffsetRange(2, 3))], await archive.ReadVoidsAsync(below, Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task The_log_of_partitions_that_were_added_is_not_trimmed()
    {
        await using Platform platform = await Platform.CreateAsync();
        await platform.Store.RegisterAsync(
            new StreamRegistration(Orders.Stream, More, [.. platform.Definition.Views.Select(view => view.Layout)]), Cancellation);
        LogTrimmer trimmer = new(platform.Log, platform.Store, TimeProvider.System, Platform.Options with { LogRetention = TimeSpan.Zero });

        await trimmer.TrimAsync(platform.Stream(), Cancellation);
    }

    private static QuarantinedRecord Refused(int partition, long offset) => new(
        Orders.Stream, partition, offset, Platform.Appended, RejectReason.Malformed, "", Array.Empty<byte>(), Array.Empty<byte>());
}
