using System.Text;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Events;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Views.Plans;

namespace Lambda.Batch.Tests.Recompute;

public class CorrectionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_correction_says_what_was_served_what_is_served_and_why()
    {
        await using Platform platform = await Platform.CreateAsync();
        await platform.StartSpeedAsync();

        // 02:00                   03:00                               04:30
        //   first, repeated, bad    | late for [02:00, 03:00) after ->  newest
        Order first = new("first", Orders.Day.AddHours(2).AddMinutes(5), "ams", 20, 1.5, 2.50m);
        platform.Append(0, first);
        platform.Append(1, first);
        platform.Append(0, new Order("bad", Orders.Day.AddHours(2).AddMinutes(6), "ams", -4, 1, null));
        platform.Append(0, new Order("newest", Orders.Day.AddHours(4).AddMinutes(30), "ams", 60, 1, 1m));
        platform.Append(0, new Order("late", Orders.Day.AddHours(2).AddMinutes(7), "ams", 30, 2, 0.5m));
        await platform.CatchUpSpeedAsync();

        RunResult result = await platform.RecomputeAsync();

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        PublishedCorrection published = Assert.Single(await CorrectionsAsync(platform));
        Assert.Equal(result.Generation, published.Generation);
        Correction correction = published.Correction;
        Assert.Equal(new CorrectionReasons(Late: 1, Duplicates: 1, Quarantined: 1, Unexplained: 0), correction.Reasons);
        Assert.Equal("""{"shop":"ams"}""", correction.Key);
        Assert.Equal("""{"orders":3,"amount":36,"weight":4,"meanPrice":2.50,"lightest":1,"largest":20}""", Normal(correction.Before));
        Assert.Equal("""{"orders":2,"amount":50,"weight":3.5,"meanPrice":1.50,"lightest":1.5,"largest":30}""", Normal(correction.After));
    }

    [Fact]
    public async Task What_an_earlier_generation_removed_is_no_reason_again()
    {
        await using Platform platform = await Platform.CreateAsync();
        await platform.StartSpeedAsync();
        Order first = new("first", Orders.Day.AddHours(2), "ams", 20, 1, 1);
        platform.Append(0, first);
        platform.Append(0, first);
        await platform.CatchUpSpeedAsync();
        await platform.RecomputeAsync();
        platform.Append(1, new Order("second", Orders.Day.AddHours(2), "ams", 60, 1, 1));
        platform.Append(1, first);
        await platform.CatchUpSpeedAsync();

        RunResult result = await platform.RecomputeAsync();

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        Correction correction = (await CorrectionsAsync(platform))[0].Correction;
        Assert.Equal(new CorrectionReasons(0, 1, 0, 0), correction.Reasons);
    }

    /// <summary>Nothing has come since, so that only what both generations hold can tell which windows are to be compared.</summary>
    [Fact]
    public async Task What_another_check_refuses_is_corrected_in_windows_that_no_new_event_touches()
    {
        await using Platform platform = await Platform.CreateAsync();
        await platform.StartSpeedAsync();
        platform.Append(0, new Order("light", Orders.Day.AddHours(2), "ams", 20, 1, 1));
        platform.Append(0, new Order("heavy", Orders.Day.AddHours(2), "ams", 20, 9, 1));
        platform.Append(0, new Order("heavy too", Orders.Day.AddDays(40), "ams", 20, 9, 1));
        await platform.CatchUpSpeedAsync();
        await platform.RecomputeAsync();
        BatchStream changed = new(
            new StreamPlan(Orders.Catalog(stream => stream.Check("heavy", o => o.Weight > 5)).Streams[0]), Orders.Partitions, platform.Archive);

        RunResult result = await platform.Run().RunAsync(changed, RunRequest.OnDemand, new Progress<RunProgress>(), Cancellation);

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        Correction correction = Assert.Single(await CorrectionsAsync(platform)).Correction;
        Assert.Equal(new CorrectionReasons(Late: 0, Duplicates: 0, Quarantined: 1, Unexplained: 0), correction.Reasons);
        Assert.Contains("\"orders\":1", Normal(correction.After), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refused_record_is_quarantined_with_its_bytes_also_when_the_log_has_forgotten_it(bool isTrimmed)
    {
        await using Platform platform = await Platform.CreateAsync();
        Order bad = new("bad", Orders.Day.AddHours(2).AddMinutes(6), "ams", -4, 1.5, null);
        platform.Append(2, "no json"u8.ToArray());
        platform.Append(2, bad);
        await platform.RecomputeAsync();
        if (isTrimmed)
        {
            await platform.Log.TrimAsync(Orders.Stream, 2, 2, Cancellation);
        }

        IReadOnlyList<QuarantinedRecord> records = await new RefusedRecords(platform.Log, platform.Definition).FindAsync(
            [new RefusedRow(new LogPosition(2, 1), new DateOnly(2024, 5, 4), 17, RefusedBy.Check, RejectReason.CheckFailed, "why")],
            await platform.Archive.PinAsync(Cancellation),
            new Boundary([0, 0, 2]),
            Cancellation).ToListAsync(Cancellation);

        QuarantinedRecord record = Assert.Single(records);
        Assert.Equal((2, 1L, 17L, RejectReason.CheckFailed, "why"), (record.Partition, record.Offset, record.AppendedAt, record.Reason, record.Detail));
        Assert.Equal(isTrimmed ? "ams" : "key", Encoding.UTF8.GetString(record.Key.Span));
        string expected = Encoding.UTF8.GetString(bad.ToJson());
        Assert.Equal(
            isTrimmed ? expected.Replace(".000000Z", "Z", StringComparison.Ordinal) : expected, Encoding.UTF8.GetString(record.Value.Span));
    }

    /// <summary>Decimals are the same with and without trailing zeros.</summary>
    private static string Normal(string? json) => json!
        .Replace("\"meanPrice\":2.5,", "\"meanPrice\":2.50,", StringComparison.Ordinal)
        .Replace("\"meanPrice\":1.5,", "\"meanPrice\":1.50,", StringComparison.Ordinal);

    private static async Task<IReadOnlyList<PublishedCorrection>> CorrectionsAsync(Platform platform) =>
        await platform.Store.ReadCorrectionsAsync(platform.Definition.Views[0].Layout, WindowRange.All, 100, Cancellation);
}
