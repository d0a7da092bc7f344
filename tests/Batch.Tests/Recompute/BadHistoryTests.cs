using Lambda.Batch.Archive;
using Lambda.Batch.History;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Jobs;
using Lambda.Store;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Batch.Tests.Recompute;

/// <summary>
/// Whatever became of the files of a history: a run says which file is wrong and what to do, or its audit blocks, and what served before serves on. Once the
/// history is as it was, the next run is right.
/// </summary>
[Collection(nameof(BatchHost))]
public sealed class BadHistoryTests
{
    private const string Protocol = """{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["columnMapping"],"writerFeatures":["columnMapping"]}}""";

    /// <summary>What happens to a file.</summary>
    public enum Damage
    {
        Cut,
        Flipped,
        Gone,
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Damage.Cut)]
    [InlineData(Damage.Flipped)]
    [InlineData(Damage.Gone)]
    public async Task A_data_file_that_is_damaged_is_named_and_what_served_before_serves_on(Damage damage)
    {
        await using Platform platform = await Platform.CreateAsync();
        RandomOrders orders = await PublishedAsync(platform);
        Random random = new(7);
        int refused = 0;
        foreach (string file in Files(platform, "*.parquet"))
        {
            byte[] whole = await File.ReadAllBytesAsync(file, Cancellation);
            Do(damage, file, whole, random);
            refused += await RunAsync(platform, orders, RunScope.All, file);
            await File.WriteAllBytesAsync(file, whole, Cancellation);
        }

        // A bit that no view or check reads does no harm.
        Assert.True(refused >= (damage == Damage.Flipped ? 1 : Files(platform, "*.parquet").Length), $"Only {refused} runs were refused.");
        await MustGoOnAsync(platform, orders);
    }

    [Theory]
    [InlineData(Damage.Cut)]
    [InlineData(Damage.Flipped)]
    [InlineData(Damage.Gone)]
    public async Task A_commit_that_is_damaged_is_named_and_what_served_before_serves_on(Damage damage)
    {
        await using Platform platform = await Platform.CreateAsync();
        RandomOrders orders = await PublishedAsync(platform);
        Random random = new(8);

        // The newest one is only missed by what refers to its version.
        foreach (string file in Files(platform, "*.json")[..^1])
        {
            byte[] whole = await File.ReadAllBytesAsync(file, Cancellation);
            Do(damage, file, whole, random);
            foreach (RunScope scope in Enum.GetValues<RunScope>())
            {
                await RunAsync(platform, orders, scope, file);
            }

            await File.WriteAllBytesAsync(file, whole, Cancellation);
        }

        await MustGoOnAsync(platform, orders);
    }

    /// <summary>A commit of a program that keeps to Delta, but not to that a row is never changed, or with features that this one does not have.</summary>
    [Theory]
    [InlineData(Protocol, "columnMapping")]
    [InlineData("ADD AGAIN", "continuity of offsets")]
    [InlineData("REMOVE", "continuity of offsets")]
    public async Task A_commit_of_another_writer_is_refused_or_its_generation_blocked_and_what_served_before_serves_on(string commit, string told)
    {
        await using Platform platform = await Platform.CreateAsync();
        RandomOrders orders = await PublishedAsync(platform);
        string[] commits = Files(platform, "*.json");
        string added = commits.SelectMany(File.ReadAllLines).First(line => line.StartsWith("{\"add\"", StringComparison.Ordinal));
        string path = System.Text.Json.JsonDocument.Parse(added).RootElement.GetProperty("add").GetProperty("path").GetString()!;
        string copy = Path.Combine(platform.Folder, "history", Orders.Stream, "events", $"{path}.again.parquet");
        File.Copy(Path.Combine(platform.Folder, "history", Orders.Stream, "events", path), copy);
        string foreign = Path.Combine(Path.GetDirectoryName(commits[0])!, $"{commits.Length:D20}.json");
        await File.WriteAllTextAsync(
            foreign,
            commit switch
            {
                "ADD AGAIN" => added.Replace(path, $"{path}.again.parquet", StringComparison.Ordinal),
                "REMOVE" => $$$"""{"remove":{"path":"{{{path}}}","deletionTimestamp":1,"dataChange":true}}""",
                _ => commit,
            },
            Cancellation);
        foreach (RunScope scope in Enum.GetValues<RunScope>())
        {
            Assert.Equal(1, await RunAsync(platform, orders, scope, told));
        }

        File.Delete(foreign);
        await MustGoOnAsync(platform, orders);
    }

    [Fact]
    public async Task The_dashboard_and_whoever_watches_a_run_are_told_which_file_is_damaged()
    {
        await using Platform platform = await Platform.CreateAsync();
        RandomOrders orders = await PublishedAsync(platform);
        string file = Files(platform, "*.parquet")[0];
        byte[] whole = await File.ReadAllBytesAsync(file, Cancellation);
        await File.WriteAllBytesAsync(file, whole[..^20], Cancellation);
        await using BatchHost host = await BatchHost.StartAsync(platform);
        IBatchRuns runs = host.Services.GetRequiredService<IBatchRuns>();
        using HttpClient client = new() { BaseAddress = host.Address };

        string runId = await runs.StartAsync(Orders.Stream, new BatchRunOrder(RunScope.All, RunPurpose.Publish), Cancellation);

        Assert.Equal("Failed", await JobEnds.WaitAsync(runId));
        BatchRunStatus status = runs.Find(runId)!;
        Assert.Equal(BatchRunState.Failed, status.State);
        Assert.Contains(file, status.Message, StringComparison.Ordinal);
        Assert.Contains("Restore it", status.Message, StringComparison.Ordinal);
        string page = await client.GetStringAsync($"/hangfire/streams/orders/runs/{runId}", Cancellation);
        Assert.Contains(Path.GetFileName(file), page, StringComparison.Ordinal);
        await OracleTests.AssertServesOracleAsync(platform, orders, 70);

        await File.WriteAllBytesAsync(file, whole, Cancellation);
        Assert.Equal("Succeeded", await JobEnds.WaitAsync(await runs.StartAsync(Orders.Stream, new BatchRunOrder(RunScope.All, RunPurpose.Publish), Cancellation)));
    }

    /// <summary>Some generations, over several files and dates.</summary>
    private static async Task<RandomOrders> PublishedAsync(Platform platform)
    {
        RandomOrders orders = new(70, platform) { Placement = Placement.ByShop, MostSecondsBetween = 2_000 };
        for (int round = 0; round < 3; round++)
        {
            orders.Append(40);
            Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        }

        return orders;
    }

    /// <returns>1 when the run was refused or blocked, in words that have a part in them; 0 when it was right all the same.</returns>
    private static async Task<int> RunAsync(Platform platform, RandomOrders orders, RunScope scope, string part)
    {
        long? before = (await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.CurrentGeneration!.Generation;
        string message;
        try
        {
            // A process that has just been started, and knows nothing of before.
            using IStreamArchive archive = await platform.OpenArchiveAsync();
            RunResult result = await platform.Run().RunAsync(
                platform.Stream(archive),
                RunRequest.OnDemand with { Order = new BatchRunOrder(scope, RunPurpose.Publish) },
                new Progress<RunProgress>(),
                Cancellation);
            await OracleTests.AssertServesOracleAsync(platform, orders, 70);
            if (result.Outcome == RunOutcome.Published)
            {
                return 0;
            }

            Assert.Equal(RunOutcome.Blocked, result.Outcome);
            message = result.Message;
        }
        catch (HistoryException error)
        {
            message = error.Message;
        }

        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.Equal(before, (await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.CurrentGeneration!.Generation);
        await OracleTests.AssertServesOracleAsync(platform, orders, 70);
        return 1;
    }

    private static async Task MustGoOnAsync(Platform platform, RandomOrders orders)
    {
        orders.Append(20);
        Assert.Equal(0, await RunAsync(platform, orders, RunScope.New, ""));
        Assert.Equal(0, await RunAsync(platform, orders, RunScope.All, ""));
        StreamStatus status = (await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!;
        Assert.Equal(await platform.LogEndAsync(), status.CurrentGeneration!.Boundary);
    }

    private static void Do(Damage damage, string file, byte[] whole, Random random)
    {
        switch (damage)
        {
            case Damage.Cut:
                File.WriteAllBytes(file, whole[..random.Next(whole.Length)]);
                break;
            case Damage.Flipped:
                byte[] flipped = [.. whole];
                flipped[random.Next(whole.Length)] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(file, flipped);
                break;
            default:
                File.Delete(file);
                break;
        }
    }

    private static string[] Files(Platform platform, string pattern) =>
        [.. Directory.GetFiles(Path.Combine(platform.Folder, "history", Orders.Stream, "events"), pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
