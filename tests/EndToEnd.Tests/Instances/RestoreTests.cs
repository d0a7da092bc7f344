using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>What is brought back from a backup is older than the rest, by commits, by runs of the batch layer and by generations. All of it ends right.</summary>
public class RestoreTests
{
    private static readonly string[] Schemas = ["lambda", "lambda_views", "lambda_jobs"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_store_or_a_history_from_an_older_backup_and_a_store_that_is_lost_end_right()
    {
        Installation.RequireParts();
        await using Installation installation = await Installation.StartAsync(TimeSpan.FromSeconds(6));
        await using BeatProducer producer = new(installation.Broker.Bootstrap, seed: 5);
        await installation.StartSpeedAsync();
        await TakeInAsync(installation, producer);
        await PublishAsync(installation);

        // In the middle of an epoch, and behind what the batch layer has.
        await TakeInAsync(installation, producer);
        string backup = await installation.Postgres.BackUpAsync(installation.Database, Schemas);
        string olderHistory = Path.Combine(installation.Folder, "older");
        CopyFolder(History(installation), olderHistory);
        await TakeInAsync(installation, producer);
        await PublishAsync(installation);
        await TakeInAsync(installation, producer);

        // The history has records, and the log positions, of which the store knows nothing yet.
        await installation.StopAllAsync();
        await installation.Postgres.DropAsync(installation.Database, Schemas);
        await installation.Postgres.RestoreAsync(installation.Database, backup);
        await StartAgainAsync(installation);
        await CheckAsync(installation, producer);
        await TakeInAsync(installation, producer);
        await CheckAsync(installation, producer);

        // A generation covers records that the history does not have any more.
        await installation.StopAllAsync();
        Directory.Delete(History(installation), recursive: true);
        CopyFolder(olderHistory, History(installation));
        await StartAgainAsync(installation);
        await TakeInAsync(installation, producer);
        await CheckAsync(installation, producer);

        await installation.StopAllAsync();
        await installation.Postgres.DropAsync(installation.Database, Schemas);
        await StartAgainAsync(installation);
        await CheckAsync(installation, producer);
    }

    private static string History(Installation installation) => Path.Combine(installation.Folder, "data", "history");

    private static async Task StartAgainAsync(Installation installation)
    {
        await installation.StartBackAsync();
        await installation.StartSpeedAsync();
    }

    private static async Task TakeInAsync(Installation installation, BeatProducer producer)
    {
        producer.Send(400);
        await producer.ConfirmedAsync();
        using Api api = await installation.ApiAsync();
        await api.CaughtUpAsync(Beat.Stream);
    }

    private static async Task PublishAsync(Installation installation)
    {
        using Api api = await installation.ApiAsync();
        await api.PublishAsync(Beat.Stream);
    }

    private static async Task CheckAsync(Installation installation, BeatProducer producer)
    {
        using Api api = await installation.ApiAsync();
        await InstancesAudit.SettleAsync(installation, producer, api);
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            Cancellation.ThrowIfCancellationRequested();
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
