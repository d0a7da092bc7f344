using System.Diagnostics;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;
using Npgsql;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>
/// A process is paused in the middle of its work for longer than its group waits for it. Another one computes its partitions, and then it goes on where it was,
/// with results in hand that it believes it may write.
/// </summary>
public class ZombieTests
{
    private const string Status = $"/api/streams/{Beat.Stream}";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_wakes_up_after_another_took_over_writes_nothing_gives_up_and_takes_part_again()
    {
        Installation.RequireParts();
        await using Installation installation = await Installation.StartAsync(TimeSpan.FromSeconds(2));
        AppProcess zombie = await installation.StartSpeedAsync();
        await using BeatProducer producer = new(installation.Broker.Bootstrap, seed: 6);
        using Api api = await installation.ApiAsync();
        using Api its = new(await zombie.AddressAsync());
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task sending = Task.Run(() => producer.SendUntilAsync(perSecond: 250, enough.Token), Cancellation);
        await AcceptedAsync(api, 500);
        Assert.Equal(Installation.Partitions, await Figures.OwnedAsync(its));

        await zombie.HaltAsync();
        AppProcess heir = await installation.StartSpeedAsync();
        using Api heirs = new(await heir.AddressAsync());
        await UntilAsync(async () => await Figures.OwnedAsync(heirs) == Installation.Partitions, "the heir has all partitions");
        long[] fences = await FencesAsync(installation);
        await AcceptedAsync(api, 500);

        await zombie.ContinueAsync();
        await UntilAsync(async () => await Figures.SumAsync(its, "lambda_speed_rebalances_total", "lost") >= Installation.Partitions, "the zombie has noticed");

        // Whatever it had in hand: nobody but an owner writes, and all that it could become again an owner of was given to it.
        await UntilAsync(async () => await Figures.OwnedAsync(its) is > 0 and < Installation.Partitions, "it takes part again");
        await AcceptedAsync(api, 500);
        await enough.CancelAsync();
        await sending;
        Assert.All((await FencesAsync(installation)).Zip(fences), fence => Assert.InRange(fence.First, fence.Second, fence.Second + 2));
        installation.RequireAlive();

        // In the middle of a commit it loses the connection, and takes from the store what became of that: event 2003. It meets nothing else.
        Assert.All(
            zombie.Output.Split('\n').Where(line => line.StartsWith("fail: ", StringComparison.Ordinal)),
            failure => Assert.Contains("[2003]", failure, StringComparison.Ordinal));
        await InstancesAudit.SettleAsync(installation, producer, api);
    }

    /// <summary>Waits until so many more records were computed.</summary>
    private static async Task AcceptedAsync(Api api, int more)
    {
        long before = (await api.GetAsync(Status)).GetProperty("accepted").GetInt64();
        await api.UntilAsync(Status, stream => stream.GetProperty("accepted").GetInt64() >= before + more);
    }

    private static async Task<long[]> FencesAsync(Installation installation)
    {
        await using NpgsqlConnection connection = new(installation.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using NpgsqlCommand command = new("SELECT array_agg(fence ORDER BY partition) FROM lambda.partitions", connection);
        return (long[])(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private static async Task UntilAsync(Func<Task<bool>> isThere, string what)
    {
        long started = Stopwatch.GetTimestamp();
        while (!await isThere())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"It did not come to be that {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancellation);
        }
    }
}
