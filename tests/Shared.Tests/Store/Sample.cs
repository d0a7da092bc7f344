using Lambda.Events;
using Lambda.Quality;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Tests.Store;

/// <summary>Layouts, partials and calls that the store's tests share.</summary>
internal static class Sample
{
    public const string Stream = "flights";
    public const long Hour = 3_600_000_000;

    /// <summary>One nullable key, one sum: the smallest view that has both.</summary>
    public static PartialLayout View(string name = "delays", string version = "00000000000000a1") => new(
        Stream,
        name,
        version,
        [new PartialColumn("origin", ColumnType.String, true)],
        [new PartialColumn("total", ColumnType.Int64, false)]);

    public static StreamRegistration Registration(int partitions, params PartialLayout[] views) => new(Stream, partitions, views);

    /// <summary>Rows of key, hour, events; the sum is ten times the number of events.</summary>
    public static PartialBatch Batch(PartialLayout layout, params (string? Key, int Hour, long Events)[] rows)
    {
        var batch = new PartialBatch(layout);
        foreach ((string? key, int hour, long events) in rows)
        {
            Add(batch, key, hour, 0, events);
        }

        return batch;
    }

    public static void Add(PartialBatch batch, string? key, int hour, int missed, long events) => Add(batch, key, hour, hour + 1, missed, events);

    public static void Add(PartialBatch batch, string? key, int from, int to, int missed, long events)
    {
        var keys = (ColumnBuffer<string>)batch.Keys[0];
        if (key is null)
        {
            keys.AddNull();
        }
        else
        {
            keys.Add(key);
        }

        batch.Starts.Add(from * Hour);
        batch.Ends.Add(to * Hour);
        batch.Missed.Add(missed);
        batch.EventCounts.Add(events);
        ((ColumnBuffer<long>)batch.States[0]).Add(events * 10);
    }

    /// <summary>The rows of a batch as readable text, sorted.</summary>
    public static IReadOnlyList<string> Rows(PartialBatch batch) =>
    [
        .. Enumerable.Range(0, batch.Count).Select(row => string.Join(
            '|',
            [
                .. batch.Keys.Select(column => column.GetValue(row) ?? "null"),
                (batch.Starts[row] / Hour).ToString(),
                batch.Missed[row].ToString(),
                batch.EventCounts[row].ToString(),
                .. batch.States.Select(column => column.GetValue(row) ?? "null"),
            ])).Order(StringComparer.Ordinal),
    ];

    public static SpeedCommit Commit(PartitionClaim claim, long nextOffset, params PartialBatch[] partials) =>
        Commit(0, claim.Fence, claim.Epoch, nextOffset, partials);

    public static SpeedCommit Commit(int partition, long fence, long epoch, long nextOffset, params PartialBatch[] partials) => new()
    {
        Stream = Stream,
        Partition = partition,
        Fence = fence,
        Epoch = epoch,
        NextOffset = nextOffset,
        MaxEventTime = 77,
        LastAppendedAt = 88,
        Tally = new EventTally(partials.Sum(batch => batch.EventCounts.Values.ToArray().Sum()), 0),
        Partials = partials,
        Quarantine = [],
        EpochEnd = EpochEnd.KeepOpen,
    };

    public static ViewRead Read(PartialLayout view, ReadScope scope) => new(view, WindowRange.All, new Dictionary<int, object?>(), scope);

    public static QuarantinedRecord Refused(long offset, RejectReason reason, long appendedAt = 5, int partition = 0) =>
        new(Stream, partition, offset, appendedAt, reason, "why it's \"so\"", new byte[] { 0, 255 }, new byte[] { 1, 0, 2 });

    public static AuditReport Report(long generation, AuditOutcome outcome, DateTimeOffset at) => new(
        Stream,
        generation,
        at,
        outcome,
        [new CheckResult("row count", CheckSeverity.Block, CheckVerdict.Failed, double.NaN, "a \"sentence\"", ["{\"id\":1}"])]);

    public static Publication Published(long generation, DateTimeOffset at) => new(Report(generation, AuditOutcome.Passed, at), [], []);
}
