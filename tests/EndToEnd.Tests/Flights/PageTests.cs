using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Lambda.EndToEnd.Tests.Flights;

[Collection(nameof(FlightsServer))]
public class PageTests(FlightsServer server)
{
    private const string Executable = "/usr/bin/chromium";

    // Other tests keep the machine busy meanwhile.
    private const float PatienceMilliseconds = 30_000;

    [Fact]
    public async Task The_page_shows_the_flights_in_a_chart_and_which_windows_were_corrected()
    {
        await using Browser browser = await Browser.OpenAsync();
        IPage page = await browser.PageAsync(server.Address);

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
        await using Browser browser = await Browser.OpenAsync();
        IPage page = await browser.PageAsync(server.Address);

        await page.GotoAsync("/hangfire");
        await Expect(page.Locator(".navbar")).ToBeVisibleAsync();
        await page.Locator(".navbar").GetByRole(AriaRole.Link, new() { Name = "Streams" }).ClickAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = FlightsServer.Stream, Exact = true }).ClickAsync();
        await Expect(page.Locator("body")).ToContainTextAsync("passed", new() { IgnoreCase = true });
        await Expect(page.Locator("body")).ToContainTextAsync("conservation");
        Assert.Empty(browser.Errors);
    }

    /// <summary>A real browser, which notes the errors of its pages.</summary>
    private sealed class Browser(IPlaywright playwright, IBrowser browser) : IAsyncDisposable
    {
        public List<string> Errors { get; } = [];

        /// <summary>Opens a browser; skips the test where there is none.</summary>
        public static async Task<Browser> OpenAsync()
        {
            Assert.SkipUnless(File.Exists(Executable), $"There is no browser at {Executable}. On Debian: apt-get install chromium.");
            SetDefaultExpectTimeout(PatienceMilliseconds);
            IPlaywright playwright = await Playwright.CreateAsync();
            return new Browser(playwright, await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = Executable,
                Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
            }));
        }

        public async Task<IPage> PageAsync(Uri address)
        {
            IPage page = await browser.NewPageAsync(new BrowserNewPageOptions { BaseURL = address.ToString() });
            page.PageError += (_, error) => Errors.Add(error);
            page.Console += (_, message) =>
            {
                if (message.Type == "error")
                {
                    Errors.Add(message.Text);
                }
            };
            return page;
        }

        public async ValueTask DisposeAsync()
        {
            await browser.DisposeAsync();
            playwright.Dispose();
        }
    }
}
