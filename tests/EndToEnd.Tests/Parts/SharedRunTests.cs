using System.Text.Json;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;

namespace Lambda.EndToEnd.Tests.Parts;

/// <summary>A run that two batch processes over one history compute, one of which is killed in the middle of its part.</summary>
public class SharedRunTests
{
    [Fact]
    public async Task Two_processes_compute_a_run_in_parts_and_one_that_is_killed_changes_nothing()
    {
        PartsInstallation.RequireParts();
        await using PartsInstallation installation = await PartsInstallation.StartAsync();
        AppProcess first = installation.Start("first");
        AppProcess second = installation.Start("second");
        try
        {
            using Api apiOfFirst = new(await first.AddressAsync());
            using Api apiOfSecond = new(await second.AddressAsync());
            ManyDays sent = ManyDays.Send(installation.Broker.Bootstrap, seed: 4, days: 80, beatsPerDay: 250);
            await apiOfFirst.CaughtUpAsync(Beat.Stream);
            string run = await apiOfFirst.StartRunAsync(Beat.Stream);

            // The one that has taken the run lives on.
            await apiOfFirst.MomentAsync(run, _ => PartsInstallation.HasRun(first) || PartsInstallation.HasRun(second));
            (AppProcess leader, AppProcess helper, Api api) = PartsInstallation.HasRun(first) ? (first, second, apiOfFirst) : (second, first, apiOfSecond);
            await installation.HaltAtWorkAsync(helper, () => api.GetAsync(run));
            await helper.KillAsync();
            JsonElement ended = await api.UntilAsync(run, status => status.GetProperty("endedAt").ValueKind != JsonValueKind.Null);

            Assert.True(ended.GetProperty("state").GetString() == "published", ended.GetRawText());
            Assert.Contains("[3041]", leader.Output, StringComparison.Ordinal);
            Assert.Contains("[3048]", leader.Output, StringComparison.Ordinal);
            Assert.Contains($"process {helper.Id}: ", leader.Output, StringComparison.Ordinal);
            Assert.Contains($"process {leader.Id}: ", leader.Output, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateDirectories(installation.Runs));
            await sent.CheckAsync(api);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new InvalidOperationException(installation.Outputs(), error);
        }
    }
}
