using System.Globalization;
using System.Text.Json;
using Lambda.Serving.Tests.Running;
using Lambda.Store;
using Lambda.Windows;

namespace Lambda.Serving.Tests.Api;

/// <summary>Windows of every form through the whole serving layer.</summary>
public class WindowFormTests
{
    /// <summary>From 1970, where windows are counted from, to the start of the sample.</summary>
    private static readonly long EpochMinutes = (long)(Sample.Start - DateTimeOffset.UnixEpoch).TotalMinutes;

    [Fact]
    public async Task A_range_is_answered_with_whole_windows_that_overlap_it()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        for (int round = 0; round < 3; round++)
        {
            int slide = random.Next(1, 50);
            int size = random.Next(1, 200);
            int offset = random.Next(-60, 60);
            await using ServingApp app = await ServingApp.StartAsync(Sample.CatalogOf(
                Sliding.Every(TimeSpan.FromMinutes(slide), TimeSpan.FromMinutes(size), TimeSpan.FromMinutes(offset))));

            // In order of time, so that nothing is late.
            Flight[] flights = [.. Enumerable.Range(0, 60).Select(_ => random.Next(0, 1000)).Order().Select((minute, id) => Sample.Flight(id, "ATL", minute, id))];
            await app.Layers.SpeedAsync(EpochEnd.Seal, flights[..30]);
            await app.Layers.SpeedAsync(EpochEnd.KeepOpen, flights[30..]);
            await app.Layers.PublishAsync(boundary: 30, Enumerable.Range(0, 30), [], [], []);
            for (int query = 0; query < 12; query++)
            {
                int begin = random.Next(-100, 1000);
                int end = begin + random.Next(1, 300);
                IEnumerable<string> expected =
                    from start in Enumerable.Range(-3000, 6000)
                    where (start + EpochMinutes - offset) % slide == 0 && start < end && start + size > begin
                    let inside = flights.Where(flight => Minute(flight.Date) >= start && Minute(flight.Date) < start + size).ToList()
                    where inside.Count > 0
                    select $"{start}..{start + size}: {inside.Count}, {inside.Sum(flight => flight.Delay)}";

                JsonElement answer = await app.GetAsync($"/api/views/delays?from={At(begin)}&to={At(end)}");

                Assert.Equal((string.Join('\n', expected), seed), (string.Join('\n', answer.GetProperty("rows").EnumerateArray().Select(Text)), seed));
            }
        }
    }

    [Fact]
    public async Task A_day_of_a_time_zone_is_answered_in_UTC()
    {
        await using ServingApp app = await ServingApp.StartAsync(
            Sample.CatalogOf(Tumbling.Daily(TimeZoneInfo.FindSystemTimeZoneById("Asia/Kathmandu"))));
        await app.Layers.SpeedAsync(EpochEnd.KeepOpen, Sample.Flight(0, "ATL", (18 * 60) + 14, 3), Sample.Flight(1, "ATL", (18 * 60) + 15, 4));

        JsonElement rows = (await app.GetAsync("/api/views/delays?from=2001-01-01T18:14:59Z&to=2001-01-01T18:15:00Z")).GetProperty("rows");

        JsonElement day = Assert.Single(rows.EnumerateArray());
        Assert.Equal("2000-12-31T18:15:00Z", day.GetProperty("windowStart").GetString());
        Assert.Equal("2001-01-01T18:15:00Z", day.GetProperty("windowEnd").GetString());
        Assert.Equal("complete", day.GetProperty("status").GetString());
        JsonElement window = (await app.GetAsync("/api/views"))[0].GetProperty("window");
        Assert.Equal("""{"form":"calendar","size":"P1D","definition":"calendar(unit=day,zone=Asia/Kathmandu,starts-at=0us)"}""", window.GetRawText());
    }

    [Fact]
    public async Task The_window_of_all_time_is_open_for_ever_and_answers_every_range()
    {
        await using ServingApp app = await ServingApp.StartAsync(Sample.CatalogOf(AllTime.Window));
        await app.Layers.SpeedAsync(EpochEnd.Seal, Sample.Flight(0, "ATL", 10, 3), Sample.Flight(1, "ATL", 500, 4));
        await app.Layers.PublishAsync(boundary: 2, [0, 1], [], [], []);
        await app.Layers.SpeedAsync(EpochEnd.KeepOpen, Sample.Flight(2, "ATL", 1, 5));
        app.Time.Advance(TimeSpan.FromDays(400));

        foreach (string range in (string[])["", "?from=1990-01-01&to=1990-01-02", "?from=9999-12-31T23:59:59.999999Z"])
        {
            JsonElement answer = await app.GetAsync($"/api/views/delays{range}");

            JsonElement row = Assert.Single(answer.GetProperty("rows").EnumerateArray());
            Assert.Equal("0001-01-01T00:00:00Z", row.GetProperty("windowStart").GetString());
            Assert.Equal("9999-12-31T23:59:59.999999Z", row.GetProperty("windowEnd").GetString());
            Assert.Equal("""{"flights":3,"totalDelay":12}""", row.GetProperty("values").GetRawText());
            Assert.Equal("open", row.GetProperty("status").GetString());
            Assert.Equal("""{"batchEvents":2,"speedEvents":1,"lateEvents":0}""", row.GetProperty("provenance").GetRawText());
        }

        string csv = await app.Client.GetStringAsync("/api/views/delays?format=csv", TestContext.Current.CancellationToken);
        Assert.Equal(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "3", "12", "open", "", "2", "1", "0"], Csv.Parse(csv)[1]);
        Assert.Equal(0, (await app.GetAsync("/api/views/delays/compare")).GetProperty("totals").GetProperty("unexplained").GetInt64());
    }

    /// <summary>
    /// Windows of an hour that slide by 20 minutes, and a speed layer whose windows that ended before 3:20 have expired.
    /// <code>
    /// 1:40   2:00   2:20  |2:40   3:00   3:20   3:40   4:00
    ///               [ - - | - - - - - - - )                  has lost slices: not answered by the speed layer on its own, and not compared
    ///                     [ - - - - - - - - - - )            whole
    ///                            [ - - - - - - - - - - )
    /// </code>
    /// </summary>
    [Fact]
    public async Task A_window_that_has_lost_slices_to_expiry_is_left_out()
    {
        await using ServingApp app = await ServingApp.StartAsync(Sample.CatalogOf(
            Sliding.Every(slide: TimeSpan.FromMinutes(20), size: TimeSpan.FromHours(1))));
        Flight[] flights = [.. Enumerable.Range(0, 20).Select(i => Sample.Flight(i, "ATL", i * 10, 1))];
        await app.Layers.SpeedAsync(EpochEnd.Seal, flights);
        await app.Layers.PublishAsync(boundary: 20, Enumerable.Range(0, 20), [], [], []);
        app.Time.SetUtcNow(Sample.Start.AddMinutes(201));
        BatchLease lease = (await app.Store.TryAcquireLeaseAsync(Sample.Stream, "test", TimeSpan.FromHours(1), TestContext.Current.CancellationToken))!;

        await app.Store.ExpireAsync(lease, Sample.Start.AddMinutes(200), TestContext.Current.CancellationToken);

        string[] whole = ["160..220: 4, 4", "180..240: 2, 2"];
        JsonElement speed = await app.GetAsync("/api/views/delays?layer=speed");
        Assert.Equal(whole, Rows(speed));
        Assert.False(IsComplete(speed));
        Assert.True(IsComplete(await app.GetAsync($"/api/views/delays?layer=speed&from={At(200)}")));
        Assert.False(IsComplete(await app.GetAsync($"/api/views/delays?layer=speed&from={At(199)}")));
        JsonElement comparison = await app.GetAsync("/api/views/delays/compare?all=true");
        Assert.Equal(0, comparison.GetProperty("totals").GetProperty("unexplained").GetInt64());
        Assert.Equal(2, comparison.GetProperty("windows").GetArrayLength());
        Assert.Equal(whole, Rows(await app.GetAsync($"/api/views/delays?from={At(200)}")));
        Assert.Equal(12, (await app.GetAsync("/api/views/delays")).GetProperty("rows").GetArrayLength());
    }

    private static bool IsComplete(JsonElement answer) => answer.GetProperty("completeness").GetProperty("complete").GetBoolean();

    private static IEnumerable<string> Rows(JsonElement answer) => answer.GetProperty("rows").EnumerateArray().Select(Text);

    private static string Text(JsonElement row)
    {
        JsonElement values = row.GetProperty("values");
        return $"{Minute(row.GetProperty("windowStart").GetDateTime())}..{Minute(row.GetProperty("windowEnd").GetDateTime())}: "
            + $"{values.GetProperty("flights")}, {values.GetProperty("totalDelay")}";
    }

    private static int Minute(DateTime time) => (int)(time - Sample.Start.UtcDateTime).TotalMinutes;

    private static string At(int minute) => Sample.Start.AddMinutes(minute).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
