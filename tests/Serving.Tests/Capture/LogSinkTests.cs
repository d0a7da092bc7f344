using System.Text;
using Lambda.Capture;
using Lambda.Capture.Sinks;
using Lambda.Log;
using Lambda.Log.Embedded;
using Lambda.Serving.Tests.Capture.Support;

namespace Lambda.Serving.Tests.Capture;

/// <summary>The log has a limit of its own, which may be lower than the capture's.</summary>
public sealed class LogSinkTests : IDisposable
{
    private const int Limit = 300;

    private readonly string _folder = Directory.CreateTempSubdirectory("lambda-sink-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Events_that_are_too_large_for_the_log_are_refused_and_all_others_are_appended_in_order()
    {
        await using EmbeddedLog log = Open();
        await using LogSink sink = new(() => log, owns: false, partitions: 1);
        using RecordBatch events = new();
        foreach (int length in (int[])[10, 301, 20, 30, 40, 300, 500])
        {
            events.Add([], Encoding.UTF8.GetBytes(new string('x', length)));
        }

        SinkAnswer answer = await sink.SendAsync("clicks", events, Cancellation);

        Assert.Equal(2, answer.Refused);
        Assert.Contains("300", answer.Why, StringComparison.Ordinal);
        using RecordBatch read = new();
        await log.ReadAsync("clicks", 0, 0, read, Cancellation);
        Assert.Equal([10, 20, 30, 40, 300], Enumerable.Range(0, read.Count).Select(index => read.Value(index).Length));
    }

    [Fact]
    public async Task A_capture_drops_them_and_says_so_and_goes_on()
    {
        await using EmbeddedLog log = Open();
        await using CaptureRig rig = await CaptureRig.StartAsync(
            new TestSink(), configure: capture => capture.To(_ => new LogSink(() => log, owns: false, partitions: 1)));
        rig.Send("/1");
        rig.Send($"/{new string('x', 2 * Limit)}");
        rig.Send("/2");

        EventCaptureStatus status = await rig.UntilAsync(status => status.Buffered == 0 && status.Sent == 2);

        Assert.Equal(1, status.Dropped[EventDropReason.Refused]);
        Assert.Equal((0, null), (status.FailedSends, status.SinkError));
    }

    private EmbeddedLog Open() => EmbeddedLog.Open(new EmbeddedLogOptions { Folder = _folder, MaxRecordBytes = Limit }, TimeProvider.System);
}
