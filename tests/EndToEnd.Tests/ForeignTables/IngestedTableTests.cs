using System.Globalization;
using System.Text.Json;
using Lambda.Definition;
using Lambda.EndToEnd.Tests.Running;
using Lambda.Hosting;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Ingest;
using Lambda.Hosting.Settings;
using Lambda.Store;
using Lambda.Windows;
using Microsoft.Extensions.Configuration;

namespace Lambda.EndToEnd.Tests.ForeignTables;

/// <summary>Histories that others keep, taken into an application: both layers must come to the sums that Spark finds in the table.</summary>
public sealed class IngestedTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lambda-ingested-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("delta/deletion_vectors")]
    [InlineData("iceberg/equality_deletes")]
    [InlineData("hudi/cow_clustered")]
    [InlineData("hudi/mor")]
    public async Task Both_layers_have_the_sums_of_the_table_and_a_second_ingest_adds_nothing_to_the_batch_layer(string table)
    {
        string path = Path.Combine(LakeFixtures.Folder(), table);
        using JsonDocument expected = JsonDocument.Parse(await File.ReadAllTextAsync(path + ".expected.json", Cancellation));
        JsonElement sums = expected.RootElement.GetProperty("sums");
        (long Rows, long Clicks, decimal Amount) whole = (
            expected.RootElement.GetProperty("rows").GetInt64(),
            sums.GetProperty("clicks").GetInt64(),
            decimal.Parse(sums.GetProperty("amount").GetString()!, CultureInfo.InvariantCulture));
        StreamBuilder<Click> clicks = new StreamBuilder<Click>("clicks")
            .EventTime(c => c.EventTime).EventId(c => c.EventId).PartitionBy(c => c.UserId).Partitions(2).OutOfOrderness(TimeSpan.FromSeconds(1));
        clicks.View("by_day").Window(Tumbling.Every(TimeSpan.FromDays(1)))
            .Aggregate(a => new { Rows = a.Count(), Clicks = a.Sum(c => c.Clicks), Amount = a.Sum(c => c.Amount) });
        Application application = new("clicks-app", Catalog.Build([clicks]), [], new ConfigurationManager());
        HostSettings settings = HostSettings.Read(application, new GivenSettings { Data = Path.Combine(_folder, "data"), Urls = "http://127.0.0.1:0" });
        using DataFolder data = DataFolder.Open(settings.DataFolder, "run");
        await using Platform platform = await Platform.StartAsync(application, settings, data, PlatformRole.Serve, Cancellation);
        using Api api = new(platform.Address!);

        await IngestAsync(path, application, platform);
        await api.CaughtUpAsync("clicks");
        await api.PublishAsync("clicks");

        Assert.Equal(whole, await TotalsAsync(api, "speed"));
        Assert.Equal(whole, await TotalsAsync(api, "batch"));
        Assert.Equal(0, await QuarantinedAsync(platform));

        await IngestAsync(path, application, platform);
        await api.CaughtUpAsync("clicks");
        await api.PublishAsync("clicks");

        Assert.Equal(whole, await TotalsAsync(api, "batch"));
    }

    private static async Task IngestAsync(string path, Application application, Platform platform)
    {
        await using EventFile file = await EventFiles.OpenAsync(path, application.Catalog.FindStream("clicks")!, 1 << 20, skip: 0, Cancellation);
        await new Ingestion(file, new LogSink(platform.Log, "clicks")).RunAsync(_ => { }, Cancellation);
    }

    private static async Task<(long Rows, long Clicks, decimal Amount)> TotalsAsync(Api api, string layer)
    {
        JsonElement answer = await api.GetAsync($"/api/views/by_day?layer={layer}");
        (long Rows, long Clicks, decimal Amount) totals = default;
        foreach (JsonElement values in answer.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("values")))
        {
            totals.Rows += values.GetProperty("rows").GetInt64();
            totals.Clicks += Number(values, "clicks") is { } clicks ? (long)clicks : 0;
            totals.Amount += Number(values, "amount") ?? 0;
        }

        return totals;
    }

    private static decimal? Number(JsonElement values, string name) => values.GetProperty(name) is { ValueKind: not JsonValueKind.Null } value
        ? decimal.Parse(value.ToString(), CultureInfo.InvariantCulture)
        : null;

    private static async Task<long> QuarantinedAsync(Platform platform)
    {
        StreamStatus status = (await platform.Store.ReadStreamAsync("clicks", Cancellation))!;
        return status.Partitions.Sum(partition => partition.Quarantined);
    }

    /// <summary>A row of the tables. The measure with values that are no numbers is left out, as such rows go to quarantine.</summary>
    internal sealed record Click(
        [property: System.Text.Json.Serialization.JsonPropertyName("event_id")] string EventId,
        [property: System.Text.Json.Serialization.JsonPropertyName("user_id")] string UserId,
        [property: System.Text.Json.Serialization.JsonPropertyName("event_time")] DateTime EventTime,
        string? Page,
        decimal? Amount,
        int Clicks,
        Device? Device,
        string[]? Tags);

    internal sealed record Device(string? Os, int? Version);
}
