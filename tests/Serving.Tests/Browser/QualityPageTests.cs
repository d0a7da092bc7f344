using Lambda.Serving.Tests.Running;
using Lambda.Store;
using Lambda.TestSupport.Browser;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Lambda.Serving.Tests.Browser;

public class QualityPageTests
{
    private const string Hostile = "<img src=x onerror=document.title='owned'>";

    [Theory]
    [InlineData(1360, 900, ColorScheme.Light, "quality")]
    [InlineData(390, 844, ColorScheme.Dark, "quality-phone")]
    public async Task Reports_show_verdicts_expectations_and_failing_rows_as_text(int width, int height, ColorScheme scheme, string name)
    {
        await using ServingApp app = await Scenario.StartAsync();
        await BlockAsync(app);
        await using Chromium browser = await Chromium.OpenAsync(app.Address, width, height, scheme);
        IPage page = browser.Page;
        await page.GotoAsync("/");

        await page.GetByRole(AriaRole.Link, new() { Name = "Quality" }).ClickAsync();

        ILocator reports = page.Locator("#reports section");
        await Expect(reports).ToHaveCountAsync(2);
        await Expect(reports.First.Locator("h2")).ToHaveTextAsync("Generation 2 blocked");
        ILocator failed = reports.First.Locator("tbody tr").First;
        await Expect(failed).ToContainTextAsync("blocks");
        await Expect(failed).ToContainTextAsync("allowed values of origin");
        await Expect(failed).ToContainTextAsync("1 of 2 failing rows");
        await Expect(failed.Locator("pre")).ToContainTextAsync(Hostile);
        await Expect(failed.Locator("pre")).ToContainTextAsync("\"_offset\":9007199254740993,");
        await browser.PictureAsync(name);
        await page.GetByLabel("Checks").SelectOptionAsync("failed");
        await Expect(reports.First.Locator("tbody tr")).ToHaveCountAsync(2);
        await Expect(page).ToHaveTitleAsync("Quality – Lambda console");
        Assert.True(await browser.FitsAsync(), "The page is wider than the window.");
        Assert.Empty(browser.Errors);
        Assert.Empty(browser.Foreign);
    }

    [Fact]
    public async Task A_new_report_appears_without_a_reload()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        await using Chromium browser = await Chromium.OpenAsync(app.Address, 1360, 900, ColorScheme.Light);
        IPage page = browser.Page;
        await page.GotoAsync("/console/quality.html");
        await Expect(page.Locator("#none")).ToBeVisibleAsync();

        await BlockAsync(app);

        await Expect(page.Locator("#reports section h2")).ToHaveTextAsync("Generation 1 blocked", new() { Timeout = 15_000 });
        await Expect(page.Locator("#none")).ToBeHiddenAsync();
    }

    private static async Task BlockAsync(ServingApp app)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string stream = app.Layers.Stream.Name;
        BatchLease lease = (await app.Store.TryAcquireLeaseAsync(stream, "test", TimeSpan.FromHours(1), cancellation))!;
        long generation = await app.Store.BeginGenerationAsync(
            lease, new GenerationPlan(1, new Boundary([await BoundaryAsync(app)]), [.. app.Layers.Stream.Views.Select(view => view.Layout)]), cancellation);
        AuditReport report = new(
            stream, generation, Sample.Start.AddDays(1), AuditOutcome.Blocked,
            [
                new CheckResult("continuity of offsets", Quality.CheckSeverity.Block, CheckVerdict.Passed, 0, "Nothing is lost.", []),
                new CheckResult("drift of delay", Quality.CheckSeverity.Warn, CheckVerdict.Failed, 0.3, "The index is 0.3.", []),
                new CheckResult(
                    "allowed values of origin", Quality.CheckSeverity.Block, CheckVerdict.Failed, 2, "The number of rows with another value is 2, but none was expected.",
                    [$$"""{"_partition":0,"_offset":9007199254740993,"origin":"{{Hostile}}"}"""])
                {
                    Expected = "none",
                    FailingRows = 2,
                },
                new CheckResult("freshness", Quality.CheckSeverity.Warn, CheckVerdict.NotApplicable, null, "Nothing.", []),
            ]);
        await app.Store.RejectAsync(lease, generation, report, cancellation);
        await app.Store.ReleaseLeaseAsync(lease, cancellation);
    }

    private static async Task<long> BoundaryAsync(ServingApp app) =>
        (await app.Store.ReadStreamAsync(app.Layers.Stream.Name, TestContext.Current.CancellationToken))!.CurrentGeneration?.Boundary[0] ?? 0;
}
