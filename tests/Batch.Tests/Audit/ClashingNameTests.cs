using System.Text.Json;
using System.Text.Json.Nodes;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Quality;
using Lambda.Store;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Audit;

/// <summary>Members may have any name, also those that queries of the audit give to tables and columns of their own.</summary>
public class ClashingNameTests
{
    private static readonly string[] Names = ["uniqueness of n", "uniqueness of k0", "uniqueness of k1 and n", "range of n", "negative"];

    /// <summary>Of a member 'failing' that was null the run ended with a NullReferenceException, and of 'n' uniqueness "could not be applied".</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Checks_report_whole_rows_whatever_members_are_called(bool hasGenerationBefore)
    {
        StreamBuilder<Gauge> gauges = new StreamBuilder<Gauge>(Orders.Stream).EventTime(g => g.At).EventId(g => g.Id).Partitions(Orders.Partitions)
            .Check("small", g => g.N < 1_000)
            .Expect(e => e.Uniqueness(g => g.N), CheckSeverity.Warn)
            .Expect(e => e.Uniqueness(g => g.K0), CheckSeverity.Warn)
            .Expect(e => e.Uniqueness(g => new { g.K1, g.N }), CheckSeverity.Warn)
            .Expect(e => e.Range(g => g.N, 0, 3), CheckSeverity.Warn)
            .Expect(e => e.Sql("negative", "SELECT * FROM events WHERE n < 0"), CheckSeverity.Warn);
        gauges.View("gauges").Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Gauges = a.Count() });
        await using Platform platform = await Platform.CreateAsync(Catalog.Build([gauges]));
        platform.Append(0, Json(1, n: 1, k: 1));
        platform.Append(0, Json(2, n: 2, k: 2));
        platform.Append(0, Json(3, n: 5_000, k: 3));
        if (hasGenerationBefore)
        {
            RunResult before = await platform.RecomputeAsync();
            Assert.All(Checks(before), check => Assert.True(check.Verdict == CheckVerdict.Passed, check.Message));
        }

        platform.Append(1, Json(4, n: 1, k: 4));
        platform.Append(1, Json(5, n: -3, k: 2));
        platform.Append(1, Json(6, n: -3, k: 1, k1: 2));

        RunResult result = await platform.RecomputeAsync();

        CheckResult[] checks = Checks(result);
        Assert.Equal(RunOutcome.Published, result.Outcome);
        Assert.Equal(
            [(CheckVerdict.Failed, 2L), (CheckVerdict.Failed, 2L), (CheckVerdict.Failed, 1L), (CheckVerdict.Failed, 2L), (CheckVerdict.Failed, 2L)],
            checks.Select(check => (check.Verdict, check.FailingRows ?? -1)));
        Assert.Equal(
            ["5,6,1,4", "1,6,2,5", "1,4", "5,6"],
            checks[..^1].Select(check => string.Join(",", check.SampleRows.Select(row => JsonNode.Parse(row)!["id"]!.GetValue<string>()))));
        Assert.All(checks.SelectMany(check => check.SampleRows), row => Assert.True(JsonNode.Parse(row)!.AsObject().ContainsKey("failing"), row));
    }

    private static CheckResult[] Checks(RunResult result) => [.. Names.Select(name => result.Report!.Checks.Single(check => check.Name == name))];

    private static byte[] Json(int id, int n, int k, int k1 = 1) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["id"] = $"{id}",
        ["at"] = "2024-05-04T00:00:00Z",
        ["n"] = n,
        ["k0"] = k,
        ["k1"] = k1,
        ["source"] = new JsonObject { ["name"] = "a" },
        ["events"] = new JsonObject { ["name"] = "b" },
    });

    private sealed record Part(string? Name);

    private sealed record Gauge(string Id, DateTimeOffset At, int N, int K0, int K1, int? Value, Part? Source, Part? Events, bool? Failing);
}
