using System.Globalization;
using System.Text.Json;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;

namespace Lambda.EndToEnd.Tests.Crashes;

public class KillTests
{
    private const string KillsVariable = "LAMBDA_TESTS_KILLS";
    private const int UsualKills = 9;
    private const int MostMilliseconds = 250;

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["LAMBDA_CommitInterval"] = "10ms",
        ["LAMBDA_MaxEventsPerCommit"] = "20",
        ["LAMBDA_EpochInterval"] = "500ms",
        ["LAMBDA_ArchiveSchedule"] = "* * * * *",
        ["LAMBDA_RecomputeSchedule"] = "* * * * *",
    };

    private static readonly string[] Steps =
        ["sealing epochs", "archiving the log", "reading history", "writing the generation", "auditing", "publishing"];

    private static string Assembly => typeof(Beat).Assembly.Location;

    [Fact]
    public async Task Killed_at_random_points_it_loses_nothing_and_counts_nothing_twice()
    {
        int seed = Random.Shared.Next();
        string folder = Directory.CreateTempSubdirectory("lambda-kill-").FullName;
        try
        {
            BeatSender sender = new(seed);
            Random random = new(seed);
            int kills = Environment.GetEnvironmentVariable(KillsVariable) is { Length: > 0 } given
                ? int.Parse(given, CultureInfo.InvariantCulture)
                : UsualKills;
            for (int kill = 0; kill < kills; kill++)
            {
                await LiveAndDieAsync(folder, sender, random);
            }

            await AuditAsync(folder, sender);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new InvalidOperationException($"Seed {seed}: {error.Message}", error);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static AppProcess Start(string folder) => AppProcess.Start(Assembly, Settings, ["run", "--data", folder, "--urls", "http://127.0.0.1:0"]);

    /// <summary>Starts the application, gives it work, and kills it somewhere in the middle.</summary>
    private static async Task LiveAndDieAsync(string folder, BeatSender sender, Random random)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using AppProcess app = Start(folder);
        Task sending = Task.CompletedTask;
        switch (random.Next(10))
        {
            case 0:
                // While it starts.
                await Task.Delay(random.Next(1500), cancellation);
                break;
            case < 4:
                sending = sender.SendAsync(await app.AddressAsync(), cancellation);
                await sender.WaitAsync(random.Next(20), sending);
                break;
            case < 6:
                sending = sender.SendAsync(await app.AddressAsync(), cancellation);
                await StartRunAsync(app, sender, sending, random);
                break;
            default:
                sending = sender.SendAsync(await app.AddressAsync(), cancellation);
                await ReachStepAsync(app, await StartRunAsync(app, sender, sending, random), Steps[random.Next(Steps.Length)]);
                break;
        }

        await Task.Delay(random.Next(4) == 0 ? random.Next(MostMilliseconds) : random.Next(25), cancellation);
        await app.KillAsync();
        await sending;
    }

    private static async Task<string> StartRunAsync(AppProcess app, BeatSender sender, Task sending, Random random)
    {
        await sender.WaitAsync(random.Next(5), sending);
        using Api api = new(await app.AddressAsync());
        return await api.StartRunAsync(Beat.Stream);
    }

    private static async Task ReachStepAsync(AppProcess app, string run, string step)
    {
        using Api api = new(await app.AddressAsync());
        int wanted = Array.IndexOf(Steps, step);
        await api.MomentAsync(
            run,
            status => status.GetProperty("endedAt").ValueKind != JsonValueKind.Null
                || Array.IndexOf(Steps, status.GetProperty("step").GetString()) >= wanted);
    }

    private static async Task AuditAsync(string folder, BeatSender sender)
    {
        KillAudit audit;
        await using (AppProcess app = Start(folder))
        {
            using Api api = new(await app.AddressAsync());
            await api.CaughtUpAsync(Beat.Stream);
            await api.PublishAsync(Beat.Stream);
            audit = new KillAudit(folder, api, sender);
            await audit.CheckServedAsync();
            Assert.Equal(0, await app.StopAsync());
        }

        await audit.CheckLogAsync();
    }
}
