using System.Text.Json;
using Lambda.Serving.Security;
using Lambda.Serving.Tests.Running;
using Lambda.Store;
using Lambda.TestSupport.Browser;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Lambda.Serving.Tests.Browser;

public class ConsoleTests
{
    private const string Hostile = "<script>document.title='owned'</script>";

    [Theory]
    [InlineData(1360, 900, ColorScheme.Light, "light")]
    [InlineData(1360, 900, ColorScheme.Dark, "dark")]
    [InlineData(390, 844, ColorScheme.Light, "phone")]
    public async Task The_page_shows_the_chart_with_both_parts_and_the_corrected_windows(int width, int height, ColorScheme scheme, string name)
    {
        await using ServingApp app = await Days.StartAsync(Hostile);
        await using Chromium browser = await Chromium.OpenAsync(app.Address, width, height, scheme);
        IPage page = browser.Page;

        await page.GotoAsync("/");
        await Expect(page.Locator("#chart-sub")).ToContainTextAsync("48 windows");
        await Expect(page.Locator("#chart-sub")).ToContainTextAsync("3 corrected");
        await browser.PictureAsync(name);

        foreach (string part in new[] { "--batch", "--speed", "--corrected" })
        {
            Assert.True(await CountPixelsAsync(page, part) > 50, $"The chart has no {part} in it.");
        }

        await Expect(page.Locator("#corrections tbody tr")).ToHaveCountAsync(3);
        await Expect(page.Locator("#corrections tbody tr").First).ToContainTextAsync("1 late");
        await Expect(page.Locator("#rows")).ToContainTextAsync(Hostile);
        await Expect(page).ToHaveTitleAsync("Lambda console");
        Assert.True(await browser.FitsAsync(), "The page is wider than the window.");
        Assert.Empty(browser.Errors);
        Assert.Empty(browser.Foreign);
    }

    /// <summary>The browser asks for the key once and sends it with what the page's scripts ask for.</summary>
    [Fact]
    public async Task Whoever_types_a_key_sees_what_it_allows_and_is_told_what_it_does_not()
    {
        (ApiKey key, string secret) = ApiKey.Generate("zoe", ApiRoles.Query);
        await using ServingApp app = await Scenario.StartAsync(options => options.Keys.Add(key));
        await using Chromium browser = await Chromium.OpenAsync(app.Address, 1360, 900, ColorScheme.Light, secret);
        IPage page = browser.Page;
        await page.GotoAsync("/");
        await Expect(page.Locator("#chart-sub")).ToContainTextAsync("windows");
        await Expect(page.Locator("#banner")).ToBeHiddenAsync();

        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Run batch" }).ClickAsync();

        await Expect(page.Locator("body")).ToContainTextAsync("This takes a key with role 'admin', which key 'zoe' does not have.");
        await browser.PictureAsync("role");
        Assert.Empty(browser.Foreign);
    }

    [Fact]
    public async Task Sessions_are_listed_by_start_and_end_and_charted_for_one_key()
    {
        await using ServingApp app = await Scenario.StartAsync();
        await using Chromium browser = await Chromium.OpenAsync(app.Address, 1360, 900, ColorScheme.Light);
        IPage page = browser.Page;
        await page.GotoAsync("/");

        await page.GetByLabel("View").SelectOptionAsync(Sample.Rushes);
        await Expect(page.Locator("#rows")).ToContainTextAsync("1 Jan 2001, 00:10–01:40");
        await Expect(page.Locator("#rows tbody tr")).ToHaveCountAsync(4);
        await Expect(page.Locator("#chart-empty")).ToContainTextAsync("Give origin to see them as a chart");
        await page.GetByLabel("origin").FillAsync("ATL");
        await page.GetByLabel("origin").PressAsync("Tab");
        await Expect(page.Locator("#chart-sub")).ToContainTextAsync("2 windows");
        await browser.PictureAsync("sessions");

        Assert.True(await CountPixelsAsync(page, "--batch") > 50, "The chart has no batch part in it.");
        await Expect(page.Locator("#banner")).ToBeHiddenAsync();
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task What_a_person_has_to_see_to_stands_above_all_until_it_is_done()
    {
        await using ServingApp app = await Scenario.StartAsync();
        await using Chromium browser = await Chromium.OpenAsync(app.Address, 1360, 900, ColorScheme.Light);
        IPage page = browser.Page;
        app.Log.AddedPartitions = 1;
        await page.GotoAsync("/");

        await Expect(page.Locator("#banner")).ToContainTextAsync("are computed: what stands in partition");
        await browser.PictureAsync("problem");
        app.Log.AddedPartitions = 0;
        await Expect(page.Locator("#banner")).ToBeHiddenAsync();
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task A_key_filters_everything_and_new_events_appear_without_a_reload()
    {
        await using ServingApp app = await Days.StartAsync(Hostile);
        await using Chromium browser = await Chromium.OpenAsync(app.Address, 1360, 900, ColorScheme.Light);
        IPage page = browser.Page;
        await page.GotoAsync("/");
        await Expect(page.Locator("#rows")).ToContainTextAsync("LAX");

        await page.GetByLabel("origin").FillAsync("ATL");
        await page.GetByLabel("origin").PressAsync("Tab");
        await Expect(page.Locator("#chart-sub")).ToContainTextAsync("origin = ATL");
        await Expect(page.Locator("#rows")).Not.ToContainTextAsync("LAX");
        await page.EvaluateAsync("window.sameCanvas = document.querySelector('#chart canvas')");

        await app.Layers.SpeedAsync(EpochEnd.KeepOpen, Sample.Flight(5000, "ATL", (48 * 60) + 5, 777));

        await Expect(page.Locator("#chart-sub")).ToContainTextAsync("49 windows");
        await page.GetByLabel("Aggregate").SelectOptionAsync("totalDelay");
        await Expect(page.Locator("#rows tbody tr").First).ToContainTextAsync("777");
        Assert.True(await page.EvaluateAsync<bool>("window.sameCanvas === document.querySelector('#chart canvas')"), "The chart was built anew.");
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task Without_events_the_page_says_how_to_send_some()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        await using Chromium browser = await Chromium.OpenAsync(app.Address, 1360, 900, ColorScheme.Light);

        await browser.Page.GotoAsync("/");

        await Expect(browser.Page.Locator("#chart-empty")).ToContainTextAsync("POST /api/streams/flights/events");
        await browser.PictureAsync("empty");
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task The_reference_page_works_without_a_network()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        await using Chromium browser = await Chromium.OpenAsync(app.Address, 1360, 900, ColorScheme.Light);

        await browser.Page.GotoAsync("/docs");

        await Expect(browser.Page.Locator("body")).ToContainTextAsync("Queries a view");
        await browser.PictureAsync("docs");
        Assert.Empty(browser.Errors);
        Assert.Empty(browser.Foreign);
    }

    /// <summary>How many pixels of the chart have the colour that a custom property stands for.</summary>
    private static Task<int> CountPixelsAsync(IPage page, string property) => page.EvaluateAsync<int>(
        """
        property => {
          const probe = document.createElement("i");
          probe.style.color = `var(${property})`;
          document.body.append(probe);
          const wanted = getComputedStyle(probe).color.match(/\d+/g).slice(0, 3).map(Number);
          probe.remove();
          const canvas = document.querySelector("#chart canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let count = 0;
          for (let i = 0; i < data.length; i += 4)
            if (data[i + 3] === 255 && wanted.every((part, j) => Math.abs(part - data[i + j]) < 3)) count++;
          return count;
        }
        """,
        property);

    /// <summary>Two days of flights; the batch layer has put three hours of the first one right and covers half of them.</summary>
    private static class Days
    {
        private const int Hours = 48;

        public static async Task<ServingApp> StartAsync(string third)
        {
            ServingApp app = await ServingApp.StartAsync();
            Flight[] flights = [.. Enumerable.Range(0, Hours).SelectMany(hour => Hour(hour, third))];
            int boundary = flights.Length / 2;
            Flight[] late = [.. new[] { 4, 9, 15 }.Select(hour => Sample.Flight(9000 + hour, "ATL", (hour * 60) + 30, 90))];
            await app.Layers.SpeedAsync(EpochEnd.Seal, [.. flights.Take(boundary), .. late]);
            await app.Layers.SpeedAsync(EpochEnd.KeepOpen, [.. flights.Skip(boundary)]);
            await app.Layers.PublishAsync(
                boundary + late.Length, Enumerable.Range(0, boundary + late.Length), [], [], [.. late.Select(flight => Correction(flight, flights))]);
            return app;
        }

        private static IEnumerable<Flight> Hour(int hour, string third)
        {
            int busy = 4 + (int)(3 * Math.Sin(hour / 24.0 * 2 * Math.PI));
            for (int i = 0; i < busy; i++)
            {
                yield return Sample.Flight((hour * 100) + (i * 3), "ATL", (hour * 60) + (i * 5), 5 + (hour % 7));
                yield return Sample.Flight((hour * 100) + (i * 3) + 1, "LAX", (hour * 60) + (i * 5), 12 - (hour % 5));
            }

            yield return Sample.Flight((hour * 100) + 99, third, (hour * 60) + 55, 1);
        }

        private static Correction Correction(Flight late, Flight[] flights)
        {
            DateTime start = late.Date.AddMinutes(-30);
            Flight[] before = [.. flights.Where(flight => flight.Origin == "ATL" && flight.Date >= start && flight.Date < start.AddHours(1))];
            string Result(IEnumerable<Flight> counted) => JsonSerializer.Serialize(
                new { flights = counted.Count(), totalDelay = counted.Sum(flight => flight.Delay) });
            return new Correction(
                Sample.View,
                Sample.ViewOf(Sample.Catalog()).Layout.Version,
                """{"origin":"ATL"}""",
                Time.UtcMicroseconds.FromDateTime(start),
                Time.UtcMicroseconds.FromDateTime(start.AddHours(1)),
                Result(before),
                Result([.. before, late]),
                new CorrectionReasons(1, 0, 0, 0));
        }
    }
}
