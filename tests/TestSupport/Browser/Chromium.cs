using Microsoft.Playwright;
using Xunit;

namespace Lambda.TestSupport.Browser;

/// <summary>A page in a real browser that notes what went wrong in it and what it asked for elsewhere.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private const string Executable = "/usr/bin/chromium";

    // Other tests keep the machine busy meanwhile.
    private const float PatienceMilliseconds = 30_000;

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Chromium(IPlaywright playwright, IBrowser browser, IPage page, Uri address)
    {
        _playwright = playwright;
        _browser = browser;
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                Errors.Add(message.Text);
            }
        };
        page.PageError += (_, error) => Errors.Add(error);
        page.Request += (_, request) =>
        {
            Uri target = new(request.Url);
            if (target.Scheme is not ("data" or "blob") && target.Authority != address.Authority)
            {
                Foreign.Add(request.Url);
            }
        };
    }

    public IPage Page { get; }

    /// <summary>Errors on the page's console; violations of the content security policy are among them.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Requests to other hosts.</summary>
    public List<string> Foreign { get; } = [];

    /// <summary>Opens a browser; skips the test where there is none.</summary>
    /// <param name="address">Where its pages are.</param>
    /// <param name="width">The window's width in pixels.</param>
    /// <param name="height">Its height.</param>
    /// <param name="scheme">What its user prefers.</param>
    /// <param name="password">What its user types when a page asks for a password; null when nothing is typed.</param>
    public static async Task<Chromium> OpenAsync(Uri address, int width, int height, ColorScheme scheme, string? password = null)
    {
        Assert.SkipUnless(File.Exists(Executable), $"There is no browser at {Executable}. On Debian: apt-get install chromium.");
        Assertions.SetDefaultExpectTimeout(PatienceMilliseconds);
        IPlaywright playwright = await Playwright.CreateAsync();
        IBrowser browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Executable,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        });
        IPage page = await browser.NewPageAsync(new BrowserNewPageOptions
        {
            BaseURL = address.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            HttpCredentials = password is null ? null : new HttpCredentials { Username = "somebody", Password = password },
        });
        return new Chromium(playwright, browser, page, address);
    }

    /// <summary>Whether all of the page can be seen without scrolling to the side.</summary>
    public Task<bool> FitsAsync() => Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth");

    /// <summary>Keeps a picture when the environment names a folder for them.</summary>
    public async Task PictureAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("LAMBDA_TESTS_PICTURES") is { Length: > 0 } folder)
        {
            await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
