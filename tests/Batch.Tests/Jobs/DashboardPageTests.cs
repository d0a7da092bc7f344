using System.Text.RegularExpressions;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Store;
using Lambda.TestSupport.Browser;
using Lambda.Windows;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Lambda.Batch.Tests.Jobs;

/// <summary>The dashboard's pages as a person uses them, in a real browser.</summary>
[Collection(nameof(BatchHost))]
public partial class DashboardPageTests
{
    private const string Hostile = "<script>document.title='owned'</script>";

    private const int NarrowWidth = 390;
    private const int Height = 844;

    /// <summary>Is set in a page, and gone as soon as the browser loads it again.</summary>
    private const string SameDocument = "window.isSameDocument";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_is_started_by_a_button_and_watched_to_its_end_without_loading_the_page_again()
    {
        using HeldFunction held = new("long");
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(stream => Held(stream, held)));
        platform.Append(0, new Order("long", Orders.Day, "ams", 60, 1, 1m));
        held.Hold();
        BatchLease other = (await platform.Store.TryAcquireLeaseAsync(Orders.Stream, "somebody else", TimeSpan.FromMinutes(5), Cancellation))!;
        await using BatchHost host = await BatchHost.StartAsync(platform);
        await using Chromium browser = await OpenAsync(host);
        IPage page = browser.Page;

        await page.GotoAsync("/hangfire");
        await page.Locator(".navbar").GetByRole(AriaRole.Link, new() { Name = "Streams" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Recompute now" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("A run over orders was asked for.");
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("Running");
        await page.Locator("tbody a").Last.ClickAsync();

        ILocator progress = page.GetByRole(AriaRole.Progressbar);
        ILocator log = page.Locator("tbody");
        await Expect(progress).ToHaveTextAsync("0 %");
        await Expect(log).ToContainTextAsync("waiting for another run");
        await page.EvaluateAsync($"{SameDocument} = true");

        await platform.Store.ReleaseLeaseAsync(other, Cancellation);
        await Expect(progress).ToHaveTextAsync("25 %");
        await Expect(page.Locator("#batch-page")).ToContainTextAsync("reading history;");
        await Expect(log).ToContainTextAsync("archiving the log");
        await browser.PictureAsync("dashboard-run");

        // Partials are written while events are read, to a generation that does not serve.
        Assert.All(
            await platform.Store.ReadGenerationsAsync(Orders.Stream, 10, Cancellation), generation => Assert.Equal(GenerationState.Writing, generation.State));

        held.Release();
        await Expect(page.Locator(".label")).ToHaveTextAsync("Published");
        await Expect(log).ToContainTextAsync("publishing");
        await Expect(log.Locator("tr").Last).ToContainTextAsync("Generation 1 serves: 1 event ");
        await Expect(progress).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Cancel" })).ToHaveCountAsync(0);
        Assert.True(await page.EvaluateAsync<bool>(SameDocument), "The page was loaded again.");

        await page.GetByRole(AriaRole.Link, new() { Name = Orders.Stream, Exact = true }).ClickAsync();
        await Expect(page.Locator("#batch-page")).ToContainTextAsync("Generation 1 serves since");
        Assert.Empty(browser.Errors);
        Assert.Empty(browser.Foreign);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_on_its_page_ends_so_and_publishes_nothing()
    {
        using HeldFunction held = new("long");
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(stream => Held(stream, held)));
        platform.Append(0, new Order("short", Orders.Day, "ams", 60, 1, 1m));
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        platform.Append(0, new Order("long", Orders.Day, "ams", 60, 1, 1m));
        held.Hold();
        await using BatchHost host = await BatchHost.StartAsync(platform);
        await using Chromium browser = await OpenAsync(host, NarrowWidth);
        IPage page = browser.Page;
        await page.GotoAsync("/hangfire/streams/orders");
        await page.GetByRole(AriaRole.Button, new() { Name = "Recompute now" }).ClickAsync();
        await held.ReachedAsync();
        await page.Locator("tr", new() { HasText = "Running" }).GetByRole(AriaRole.Link).ClickAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("was asked to end");
        await Expect(page.Locator("tbody tr").Last).ToContainTextAsync("asked to end");
        await browser.PictureAsync("dashboard-cancel");
        await JobEnds.WaitUntilCancelledAsync(new Uri(page.Url).Segments[^1]);
        held.Release();
        await Expect(page.Locator(".label")).ToHaveTextAsync("Cancelled");
        await Expect(page.Locator("tbody tr").Last).ToContainTextAsync("The run was cancelled; what was published before serves on.");
        GenerationInfo generation = Assert.Single(await platform.Store.ReadGenerationsAsync(Orders.Stream, 10, Cancellation));
        Assert.Equal((1, GenerationState.Current), (generation.Generation, generation.State));
        await AssertNothingIsOutsideAsync(browser);

        // Nothing is left of it that would be in the way of the next one, but that its number is taken.
        await page.GetByRole(AriaRole.Link, new() { Name = Orders.Stream, Exact = true }).ClickAsync();
        await Expect(page.Locator("#batch-page")).ToContainTextAsync("Generation 1 serves since");
        await page.GetByRole(AriaRole.Button, new() { Name = "Recompute now" }).ClickAsync();
        await Expect(page.Locator("#batch-page")).ToContainTextAsync("Generation 3 serves since");
        await Expect(page.Locator("tr", new() { HasText = "Cancelled" })).ToHaveCountAsync(1);
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task A_verdict_tells_which_check_blocked_why_and_for_which_rows_and_differences_what_the_last_publication_changed()
    {
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(stream => stream
            .Expect(e => e.Range(o => o.Weight, 0.0, 5.0))
            .Expect(e => e.Sql($"no {Hostile}", "SELECT shop FROM events WHERE weight > 50"))));
        await platform.StartSpeedAsync();

        // 02:00              03:00                               04:30
        //   first, repeated    | late for [02:00, 03:00) after ->  newest
        Order first = new("first", Orders.Day.AddHours(2).AddMinutes(5), Hostile, 20, 1.5, 2.50m);
        platform.Append(0, first);
        platform.Append(1, first);
        platform.Append(0, new Order("newest", Orders.Day.AddHours(4).AddMinutes(30), Hostile, 60, 1, 1m));
        platform.Append(0, new Order("late", Orders.Day.AddHours(2).AddMinutes(7), Hostile, 30, 2, 0.5m));
        await platform.CatchUpSpeedAsync();
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        platform.Append(0, new Order("heavy", Orders.Day.AddDays(1), Hostile, 60, 99, 1m));
        await platform.CatchUpSpeedAsync();
        await using BatchHost host = await BatchHost.StartAsync(platform);
        await using Chromium browser = await OpenAsync(host);
        IPage page = browser.Page;
        await page.GotoAsync("/hangfire/streams");
        await AssertNothingIsOutsideAsync(browser);

        await page.GetByRole(AriaRole.Button, new() { Name = "Recompute now" }).ClickAsync();
        await Expect(page.Locator("tbody tr .label", new() { HasText = "Blocked" })).ToHaveCountAsync(2);
        await page.Locator("tbody a").Last.ClickAsync();
        await Expect(page.Locator("#batch-page")).ToContainTextAsync("Generation 2 was blocked by range of weight");
        await page.GetByRole(AriaRole.Link, new() { Name = "What the audit found" }).ClickAsync();

        ILocator heading = page.GetByRole(AriaRole.Heading, new() { Name = "Quality" });
        LocatorBoundingBoxResult bar = (await page.Locator(".navbar").BoundingBoxAsync())!;
        Assert.True((await heading.BoundingBoxAsync())!.Y >= bar.Height, "The bar hides the heading.");
        await Expect(page.Locator("#batch-page")).ToContainTextAsync("Generation 1 serves since");
        await Expect(page.Locator("#batch-page")).ToContainTextAsync("It was not published; what served before serves on.");
        ILocator failed = page.Locator("tbody tr", new() { HasText = "Failed" });
        await Expect(failed).ToHaveCountAsync(2);
        ILocator range = failed.Filter(new() { HasText = "range of weight" });
        await Expect(range).ToContainTextAsync("The number of rows outside of 0 to 5 is 1, but none was expected.");
        await Expect(range.Locator("pre")).ToContainTextAsync("\"id\":\"heavy\"");
        await Expect(range.Locator("pre")).ToContainTextAsync($"\"shop\":\"{Hostile}\"");
        await Expect(failed.Filter(new() { HasText = $"no {Hostile}" }).Locator("pre")).ToContainTextAsync($"\"shop\":\"{Hostile}\"");
        ILocator changed = page.Locator("tr", new() { HasText = "1 late, 1 repeated" }).First;
        await Expect(changed).ToContainTextAsync("2024-05-04 02:00:00 to 2024-05-04 03:00:00");
        await Expect(changed).ToContainTextAsync($"shop = {Hostile}");
        await Expect(changed).ToContainTextAsync("amount 40 → 50");
        await AssertNothingIsOutsideAsync(browser);
        await browser.PictureAsync("dashboard-verdict");
        await page.SetViewportSizeAsync(NarrowWidth, Height);
        await AssertNothingIsOutsideAsync(browser);
        await browser.PictureAsync("dashboard-verdict-narrow");
        await Expect(page).Not.ToHaveTitleAsync("owned");
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task An_earlier_generation_is_gone_back_to_after_a_question()
    {
        await using Platform platform = await Platform.CreateAsync();
        foreach (string id in (string[])["a", "b"])
        {
            platform.Append(0, new Order(id, Orders.Day, "ams", 60, 1, 1m));
            Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        }

        await using BatchHost host = await BatchHost.StartAsync(platform);
        await using Chromium browser = await OpenAsync(host, NarrowWidth);
        IPage page = browser.Page;
        List<string> questions = [];
        bool isSure = false;
        page.Dialog += (_, dialog) =>
        {
            questions.Add(dialog.Message);
            _ = isSure ? dialog.AcceptAsync() : dialog.DismissAsync();
        };
        await page.GotoAsync("/hangfire/streams/orders");
        ILocator button = page.GetByRole(AriaRole.Button, new() { Name = "Roll back" });
        await Expect(button).ToHaveCountAsync(1);
        await AssertNothingIsOutsideAsync(browser);
        await browser.PictureAsync("dashboard-generations-narrow");

        await button.ClickAsync();
        Assert.Equal(["Generation 1 is to serve instead of the one that does, at once and for everybody. Go on?"], questions);
        await Expect(page.GetByRole(AriaRole.Status)).ToBeHiddenAsync();
        isSure = true;
        await button.ClickAsync();

        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Rolling back to generation 1");
        await Expect(page.Locator("#batch-page")).ToContainTextAsync("Generation 1 serves since");
        Assert.Equal(1, (await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.CurrentGeneration!.Generation);
        Assert.Equal(2, questions.Count);
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task Names_in_addresses_are_shown_as_text()
    {
        const string Image = "<img src=x onerror=document.title='owned'>";
        await using Platform platform = await Platform.CreateAsync();
        await using BatchHost host = await BatchHost.StartAsync(platform);
        await using Chromium browser = await OpenAsync(host);
        IPage page = browser.Page;

        await page.GotoAsync($"/hangfire/streams/{Uri.EscapeDataString(Image)}");
        await Expect(page.Locator("#batch-page")).ToContainTextAsync($"There is no stream '{Image}'.");
        await Expect(page).Not.ToHaveTitleAsync("owned");
        await page.GotoAsync($"/hangfire/streams/orders/runs/{Uri.EscapeDataString(Image)}");
        await Expect(page.Locator("#batch-page")).ToContainTextAsync($"There is no run {Image}");
        await Expect(page).Not.ToHaveTitleAsync("owned");
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task A_page_says_when_the_server_does_not_answer_and_goes_on_when_it_does_again()
    {
        await using Platform platform = await Platform.CreateAsync();
        await using BatchHost host = await BatchHost.StartAsync(platform);
        await using Chromium browser = await OpenAsync(host);
        IPage page = browser.Page;
        await page.GotoAsync("/hangfire/streams/orders");
        await page.RouteAsync("**/*", route => route.AbortAsync());

        await page.GetByRole(AriaRole.Button, new() { Name = "Archive now" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Archive now: the server does not answer.");
        await Expect(page.Locator("#batch-page")).ToHaveClassAsync("batch-stale");
        await page.UnrouteAllAsync();
        await page.EvaluateAsync("document.dispatchEvent(new Event('visibilitychange'))");
        await Expect(page.Locator("#batch-page")).Not.ToHaveClassAsync("batch-stale");
        await page.GetByRole(AriaRole.Button, new() { Name = "Archive now" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Archive now: a job was asked for. Jobs, above, tells how it ends.");
        await page.EvaluateAsync("document.querySelector('meta[name=csrf-token]').content = 'of another process'");
        await page.GetByRole(AriaRole.Button, new() { Name = "Archive now" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync(Refused());
    }

    private static Task<Chromium> OpenAsync(BatchHost host, int width = 1200) => Chromium.OpenAsync(host.Address, width, Height, ColorScheme.Light);

    /// <summary>Nothing of the page lies beyond the right edge of the window, not even in a table that could be scrolled.</summary>
    private static async Task AssertNothingIsOutsideAsync(Chromium browser)
    {
        string[] outside = await browser.Page.EvaluateAsync<string[]>(
            """
            [...document.querySelectorAll("#batch-page *")]
              .filter(part => part.getBoundingClientRect().right > innerWidth)
              .map(part => part.outerHTML)
            """);
        Assert.Empty(outside);
        Assert.True(await browser.FitsAsync(), "The page is wider than the window.");
    }

    private static void Held(StreamBuilder<Order> stream, HeldFunction held) => stream.View("held")
        .Where(o => held.Passes(o))
        .Window(Tumbling.Every(TimeSpan.FromHours(1)))
        .Aggregate(a => new { Orders = a.Count() });

    [GeneratedRegex("^Archive now: the server answered 4\\d\\d\\. Load the page again")]
    private static partial Regex Refused();
}
