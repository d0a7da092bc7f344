using System.Net;
using System.Text.Json;
using Lambda.Serving.Tests.Running;
using Lambda.Store;
using Lambda.Windows;

namespace Lambda.Serving.Tests.Api;

/// <summary>Queries of windows that overlap, each event of which is a part of many.</summary>
public class WindowPartTests
{
    /// <summary>A window begins every second and lasts two hours: 7,200 are around every instant. Two events in different slices and layers make twice as many parts.</summary>
    private static async Task<ServingApp> StartAsync(int parts)
    {
        ServingApp app = await ServingApp.StartAsync(
            Sample.CatalogOf(Sliding.Every(slide: TimeSpan.FromSeconds(1), size: TimeSpan.FromHours(2))), options => options.MaxWindowParts = parts);
        await app.Layers.SpeedAsync(EpochEnd.Seal, Sample.Flight(0, "ATL", 10, 1));
        await app.Layers.SpeedAsync(EpochEnd.KeepOpen, Sample.Flight(1, "ATL", 20, 1));
        await app.Layers.PublishAsync(boundary: 1, [0], [], [], []);
        return app;
    }

    [Fact]
    public async Task A_query_that_would_take_too_many_parts_is_refused_with_what_to_do()
    {
        await using ServingApp app = await StartAsync(parts: (2 * 7_200) - 1);

        JsonElement problem = await app.GetAsync("/api/views/delays", HttpStatusCode.BadRequest);

        Assert.Contains("'delays' overlap", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("'from' and 'to'", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await app.GetAsync("/api/views/delays/live", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_query_of_just_as_many_parts_is_answered()
    {
        await using ServingApp app = await StartAsync(parts: 2 * 7_200);

        Assert.Equal(1, (await app.GetAsync("/api/views/delays?limit=1")).GetProperty("rows").GetArrayLength());
    }

    /// <summary>Of windows around both events, before the first, and behind them.</summary>
    [Theory]
    [InlineData("2001-01-01T01:00:00Z", "2001-01-01T01:01:00Z")]
    [InlineData("2001-01-01T00:10:00Z", "2001-01-01T00:10:01Z")]
    [InlineData("2000-12-31T22:10:10Z", "2000-12-31T22:11:00Z")]
    [InlineData("2001-01-01T02:00:00Z", "2001-01-01T02:10:00Z")]
    public async Task Parts_outside_of_the_range_do_not_count(string from, string to)
    {
        await using ServingApp whole = await StartAsync(parts: int.MaxValue);
        int parts = (await whole.GetAsync($"/api/views/delays?from={from}&to={to}&limit=100000")).GetProperty("rows").EnumerateArray()
            .Sum(row => row.GetProperty("values").GetProperty("flights").GetInt32());
        await using ServingApp enough = await StartAsync(parts);
        await using ServingApp few = await StartAsync(parts - 1);

        await enough.GetAsync($"/api/views/delays?from={from}&to={to}");
        await few.GetAsync($"/api/views/delays?from={from}&to={to}", HttpStatusCode.BadRequest);
    }

    /// <summary>It counts agreed windows one by one.</summary>
    [Fact]
    public async Task A_comparison_is_refused_too()
    {
        await using ServingApp app = await StartAsync(parts: 7_200);

        await app.GetAsync("/api/views/delays/compare", HttpStatusCode.BadRequest);
        await app.GetAsync("/api/views/delays/compare?from=2001-01-01T00:10:00Z&to=2001-01-01T00:10:01Z&limit=1", HttpStatusCode.BadRequest);
        await app.GetAsync("/api/views/delays/compare?from=2001-01-01T02:09:00Z&limit=1");
    }

    /// <summary>What is read is what there is: no other windows take more memory than was taken.</summary>
    [Fact]
    public async Task Windows_that_do_not_overlap_are_answered_however_many()
    {
        await using ServingApp app = await ServingApp.StartAsync(
            Sample.CatalogOf(Tumbling.Every(TimeSpan.FromHours(1))), options => options.MaxWindowParts = 1);
        await app.Layers.SpeedAsync(EpochEnd.KeepOpen, Sample.Flight(0, "ATL", 10, 1), Sample.Flight(1, "ATL", 80, 1));

        Assert.Equal(2, (await app.GetAsync("/api/views/delays")).GetProperty("rows").GetArrayLength());
    }
}
