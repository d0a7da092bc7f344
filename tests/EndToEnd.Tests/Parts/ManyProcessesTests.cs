using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;

namespace Lambda.EndToEnd.Tests.Parts;

/// <summary>
/// Runs that four processes of the batch layer compute in parts, one of which is killed in the middle of a part, and one paused until its work has gone to others. Then it goes
/// on where it was.
/// </summary>
public partial class ManyProcessesTests
{
    private const int Processes = 4;

    // Each is a part.
    private const int Days = 120;
    private const int BeatsPerDay = 60;

    [Fact]
    public Task One_that_wakes_up_after_others_have_computed_its_part_adds_nothing() => RunAsync(async scene =>
    {
        (AppProcess killed, AppProcess zombie) = (scene.Helpers[0], scene.Helpers[1]);
        int paused = await scene.Installation.HaltAtWorkAsync(zombie, scene.StatusAsync);
        int lost = await KillAtWorkAsync(scene, killed);
        Assert.Equal(1, await scene.Installation.ForsakeJobsAsync(zombie));
        await PartsInstallation.UntilAsync(() => scene.Installation.HasResult(paused), "others have computed the part of the one that is paused");
        await zombie.ContinueAsync();

        await scene.PublishedAsync();
        await CheckAsync(scene, zombie);
        CheckGathered(scene.Leader, Days);
        Assert.True(WasComputedBy(scene.Leader, killed, lost) || scene.Others(killed).Any(other => HasComputed(other, lost)));
        Assert.Contains(scene.Others(zombie), other => HasComputed(other, paused));
        Assert.False(HasComputed(zombie, paused));
    });

    [Fact]
    public Task A_run_that_wakes_up_after_another_process_has_taken_it_over_ends_without_a_word() => RunAsync(async scene =>
    {
        AppProcess zombie = scene.Leader;

        // In this order, as no part comes to anybody while the run stands still, and its job goes to another process by itself after a minute.
        await KillAtWorkAsync(scene, scene.Helpers[0]);
        await scene.Installation.HaltAtWorkAsync(zombie, scene.StatusAsync);
        Assert.Equal(2, await scene.Installation.ForsakeJobsAsync(zombie));
        AppProcess[] heirs = [.. scene.Helpers.Skip(1)];
        await PartsInstallation.UntilAsync(() => heirs.Any(PartsInstallation.HasRun), "another process has taken the run");
        AppProcess heir = heirs.Single(PartsInstallation.HasRun);
        if (scene.Random.Next(2) == 0)
        {
            await PartsInstallation.UntilAsync(() => scene.Installation.HasResult(Days / 2), "the heir has half of the parts");
        }
        else
        {
            await scene.PublishedAsync();
        }

        await zombie.ContinueAsync();

        await scene.PublishedAsync();
        await PartsInstallation.UntilAsync(() => zombie.Output.Contains("[3058]", StringComparison.Ordinal), "the zombie has noticed");
        await scene.PublishedAsync();
        await CheckAsync(scene, zombie);
        CheckGathered(heir, Days);
    });

    [GeneratedRegex(@"the (\d+) parts of run [-\w]+ are put together\. (.+)")]
    private static partial Regex Gathered();

    private static async Task RunAsync(Func<Scene, Task> play)
    {
        PartsInstallation.RequireParts();
        int seed = ChaosVariables.Seed ?? System.Random.Shared.Next();
        await using PartsInstallation installation = await PartsInstallation.StartAsync();
        try
        {
            AppProcess front = installation.Start("front", "--layers", "speed,serving");
            AppProcess[] batch = [.. Enumerable.Range(0, Processes).Select(number => installation.Start($"batch {number}", "--layers", "batch"))];
            await Task.WhenAll(batch.Select(process => process.AddressAsync()));
            using Api api = new(await front.AddressAsync());
            ManyDays sent = ManyDays.Send(installation.Broker.Bootstrap, seed, Days, BeatsPerDay);
            await api.CaughtUpAsync(Beat.Stream);
            string run = await api.StartRunAsync(Beat.Stream);
            await PartsInstallation.UntilAsync(() => batch.Any(PartsInstallation.HasRun), "a process has taken the run");
            AppProcess leader = batch.Single(PartsInstallation.HasRun);
            AppProcess[] helpers = [.. batch.Except([leader])];
            Random random = new(seed);
            random.Shuffle(helpers);
            await play(new Scene(installation, api, run, leader, helpers, sent, random));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new InvalidOperationException($"Seed {seed} (set {ChaosVariables.SeedName}): {error.Message}\n{installation.Outputs()}", error);
        }
    }

    /// <returns>The part that it had in hand.</returns>
    private static async Task<int> KillAtWorkAsync(Scene scene, AppProcess process)
    {
        int part = await scene.Installation.HaltAtWorkAsync(process, scene.StatusAsync);
        await process.KillAsync();
        return part;
    }

    /// <summary>One generation serves, there is no other, it is what a fold over everything comes to, and a process that was a zombie finds it as it was published.</summary>
    private static async Task CheckAsync(Scene scene, AppProcess zombie)
    {
        JsonElement generations = await scene.Api.GetAsync($"/api/generations?stream={Beat.Stream}");
        Assert.True(generations.GetArrayLength() == 1 && generations[0].GetProperty("state").GetString() == "current", generations.GetRawText());
        await scene.Sent.CheckAsync(scene.Api);
        JsonElement audits = await scene.Api.GetAsync($"/api/quality?stream={Beat.Stream}&limit=10");
        Assert.True(audits.GetArrayLength() == 1 && audits[0].GetProperty("outcome").GetString() == "passed", audits.GetRawText());
        using Api its = new(await zombie.AddressAsync());
        JsonElement verified = await its.VerifyGenerationAsync(Beat.Stream);
        Assert.True(verified.GetProperty("outcome").GetString() == "asPublished", verified.GetRawText());
    }

    /// <summary>Each part was added once, whoever computed it.</summary>
    private static void CheckGathered(AppProcess leader, int parts)
    {
        Match gathered = Assert.Single(Gathered().Matches(leader.Output));
        IEnumerable<int> byWorker = gathered.Groups[2].Value.Split("; ").Select(worker => int.Parse(worker.Split(": ")[^1], CultureInfo.InvariantCulture));
        Assert.Equal((parts, parts), (int.Parse(gathered.Groups[1].Value, CultureInfo.InvariantCulture), byWorker.Sum()));
    }

    private static bool HasComputed(AppProcess process, int part) => process.Output.Contains($"part {part} of run", StringComparison.Ordinal)
        && process.Output.Split('\n').Any(line => line.Contains($": part {part} of run", StringComparison.Ordinal) && line.Contains("was computed here", StringComparison.Ordinal));

    private static bool WasComputedBy(AppProcess leader, AppProcess killed, int part) => !HasComputed(killed, part)
        && leader.Output.Split('\n').Any(line => line.Contains($": part {part} of run", StringComparison.Ordinal) && line.Contains("by the run itself", StringComparison.Ordinal));

    /// <summary>A run in the middle of its parts.</summary>
    private sealed record Scene(
        PartsInstallation Installation, Api Api, string Run, AppProcess Leader, IReadOnlyList<AppProcess> Helpers, ManyDays Sent, Random Random)
    {
        public Task<JsonElement> StatusAsync() => Api.GetAsync(Run);

        public IEnumerable<AppProcess> Others(AppProcess process) => Helpers.Append(Leader).Except([process]);

        /// <summary>Waits until the run has ended, as which it has to have published.</summary>
        public async Task PublishedAsync()
        {
            JsonElement ended = await Api.UntilAsync(Run, status => status.GetProperty("endedAt").ValueKind != JsonValueKind.Null);
            Assert.True(ended.GetProperty("state").GetString() == "published", ended.GetRawText());
        }
    }
}
