using System.Net;
using System.Text;
using System.Text.Json;
using Lambda.Aggregation;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Host.Tests.Support;
using Lambda.Hosting;
using Lambda.Hosting.Commands;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Output;
using Lambda.Hosting.Seeding;
using Lambda.Hosting.Settings;
using Lambda.Log;
using Lambda.Windows;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Lambda.Host.Tests.Composition;

/// <summary>What is said where a partition is not computed, by a platform that knows why.</summary>
public sealed class StandstillTests : IDisposable
{
    private const string One = """{"id":"1","time":"2026-01-01T10:00:00Z","page":"a"}""";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Log => Path.Combine(_folder.Data, "log");

    public void Dispose() => _folder.Dispose();

    /// <summary>They were acknowledged, got the offsets of others, and nobody ever computed them.</summary>
    [Fact]
    public async Task Nothing_is_acknowledged_over_HTTP_where_the_log_ends_before_what_was_computed()
    {
        await using Running running = await RevertedAsync();
        using HttpClient client = running.Platform.CreateClient();
        while (!(await HealthAsync(client)).Contains("the log ends at offset 1", StringComparison.Ordinal))
        {
            await Task.Delay(10, Cancellation);
        }

        foreach (string path in (string[])["api/streams/visits/events", RecordEndpoint.Path("visits")])
        {
            using StringContent body = new(One, Encoding.UTF8, "application/json");
            using HttpResponseMessage answer = await client.PostAsync(new Uri(path, UriKind.Relative), body, Cancellation);
            string text = await answer.Content.ReadAsStringAsync(Cancellation);

            Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{path}: {(int)answer.StatusCode} {text}");
            Assert.Contains(
                "the log ends at offset 1, but it has been computed up to 2",
                JsonDocument.Parse(text).RootElement.GetProperty("detail").GetString(),
                StringComparison.Ordinal);
        }

        Assert.Equal(1, (await running.Platform.Log.GetOffsetsAsync("visits", 0, Cancellation)).End);
    }

    [Fact]
    public async Task No_file_to_begin_with_is_appended_where_the_log_ends_before_what_was_computed()
    {
        await using Running running = await RevertedAsync();
        Seeder seeder = new(running.Application.Catalog, running.Settings, running.Data, new Terminal(TimeProvider.System));

        await Assert.ThrowsAsync<OffsetBeyondEndException>(
            () => seeder.RunAsync([new Seed("visits", _folder.Write("seed.ndjson", $"{One}\n"))], running.Platform, Cancellation));

        Assert.Equal(1, (await running.Platform.Log.GetOffsetsAsync("visits", 0, Cancellation)).End);
    }

    /// <summary>Commands waited for ever, and so did a start with files to begin with.</summary>
    [Fact]
    public async Task Who_waits_for_a_partition_that_meets_an_error_each_time_is_told_the_error()
    {
        await using Running running = await StartAsync(throws: true);
        await AppendAsync(running.Platform);

        CommandException error = await Assert.ThrowsAsync<CommandException>(() => CatchUp.RunAsync(
            running.Platform, running.Application.Catalog.Streams[0], new Terminal(TimeProvider.System), Cancellation));

        Assert.Contains("Partition 0 of stream 'visits'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Write of its aggregator threw InvalidOperationException: no state", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A log made anew that has more records than were computed of the one before.</summary>
    [Fact]
    public async Task Who_waits_for_a_partition_that_has_stopped_is_told_why()
    {
        await using (Running before = await StartAsync(throws: false))
        {
            await AppendAsync(before.Platform);
            await CommittedAsync(before, 1);
        }

        Directory.Delete(Log, recursive: true);
        await using Running running = await StartAsync(throws: false);
        await AppendAsync(running.Platform);
        await AppendAsync(running.Platform);

        CommandException error = await Assert.ThrowsAsync<CommandException>(() => CatchUp.RunAsync(
            running.Platform, running.Application.Catalog.Streams[0], new Terminal(TimeProvider.System), Cancellation));

        Assert.Contains("Restore the log", error.Message, StringComparison.Ordinal);
    }

    private static async Task<string> HealthAsync(HttpClient client)
    {
        using HttpResponseMessage answer = await client.GetAsync(new Uri("health/ready?parts=speed", UriKind.Relative), Cancellation);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }

    /// <summary>Over a log with one event, and a store that has two of it.</summary>
    private async Task<Running> RevertedAsync()
    {
        string copy = Path.Combine(_folder.Path, "copy-of-log");
        await using (Running first = await StartAsync(throws: false))
        {
            await AppendAsync(first.Platform);
            await CommittedAsync(first, 1);
        }

        foreach (string file in Directory.EnumerateFiles(Log, "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(copy, Path.GetRelativePath(Log, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }

        await using (Running second = await StartAsync(throws: false))
        {
            await AppendAsync(second.Platform);
            await CommittedAsync(second, 2);
        }

        Directory.Delete(Log, recursive: true);
        Directory.Move(copy, Log);
        return await StartAsync(throws: false);
    }

    private async Task<Running> StartAsync(bool throws)
    {
        StreamBuilder<Visit> visits = new StreamBuilder<Visit>("visits").EventTime(v => v.Time).EventId(v => v.Id).Partitions(1);
        visits.View("all").Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Visits = a.Custom(new Counting(throws), v => v.Page) });
        ConfigurationManager configuration = new();
        configuration.AddInMemoryCollection([new("Lambda:RestartDelay", "100ms")]);
        Application application = new("visits-app", Catalog.Build([visits]), [], configuration);
        HostSettings settings = HostSettings.Read(application, new GivenSettings { Data = _folder.Data, Urls = "http://127.0.0.1:0" });
        DataFolder data = DataFolder.Open(settings.DataFolder, "run");
        return new Running(application, settings, data, await Platform.StartAsync(application, settings, data, PlatformRole.Work, Cancellation));
    }

    private static async Task AppendAsync(Platform platform)
    {
        using RecordBatch batch = new();
        batch.Add("a"u8, Encoding.UTF8.GetBytes(One));
        await platform.Log.AppendAsync("visits", batch, Cancellation);
    }

    private static async Task CommittedAsync(Running running, long offset)
    {
        while ((await running.Platform.Store.ReadStreamAsync("visits", Cancellation))!.Partitions[0].NextOffset < offset)
        {
            await Task.Delay(10, Cancellation);
        }
    }

    private sealed record Running(Application Application, HostSettings Settings, DataFolder Data, Platform Platform) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Platform.DisposeAsync();
            Data.Dispose();
        }
    }

    private sealed class Counting(bool throws) : IAggregator<string, long, long>
    {
        public string Signature => "counting";

        public IReadOnlyList<StateColumn> StateColumns => [new("", ColumnType.Int64)];

        public long CreateAccumulator() => 0;

        public void Add(ref long accumulator, string value) => accumulator++;

        public void Merge(ref long accumulator, in long other) => accumulator += other;

        public long GetResult(in long accumulator) => accumulator;

        public void Write(in long accumulator, StateWriter writer)
        {
            if (throws && accumulator > 0)
            {
                throw new InvalidOperationException("no state");
            }

            writer.WriteInt64(accumulator);
        }

        public long Read(StateReader reader) => reader.ReadInt64();
    }
}
