using Lambda.TestSupport.Browser;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Lambda.EndToEnd.Tests.Flights;

[Collection(nameof(FlightsServer))]
public class PageTests(FlightsServer server)
{
    [Fact]
    public async Task The_page_shows_the_flights_in_a_chart_and_which_windows_were_corrected()
    {
        await using Chromium browser = await Chromium.OpenAsync(server.Address, 1360, 900, ColorScheme.Light);
        IPage page = browser.Page;

        await page.GotoAsync("/");

        await Expect(page.Locator("#chart canvas")).ToBeVisibleAsync();
        await Expect(page.Locator("#chart-sub")).ToContainTextAsync(" windows");
        await Expect(page.Locator("#chart-sub")).ToContainTextAsync(" corrected");
        await Expect(page.Locator("#corrections tbody tr").First).ToContainTextAsync(" late");
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task The_dashboard_shows_the_verdict_of_the_last_audit()
    {
        await using Chromium browser = await Chromium.OpenAsync(server.Address, 1360, 900, ColorScheme.Light);
        IPage page = browser.Page;

        await page.GotoAsync("/hangfire");
        await Expect(page.Locator(".navbar")).ToBeVisibleAsync();
        await page.Locator(".navbar").GetByRole(AriaRole.Link, new() { Name = "Streams" }).ClickAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = FlightsServer.Stream, Exact = true }).ClickAsync();
        await Expect(page.Locator("body")).ToContainTextAsync("passed", new() { IgnoreCase = true });
        await Expect(page.Locator("body")).ToContainTextAsync("conservation");
        Assert.Empty(browser.Errors);
    }
}
