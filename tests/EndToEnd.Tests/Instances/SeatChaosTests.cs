using System.Diagnostics;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>Processes that are killed, halted, started and asked to end at random while seats are lost, so that who takes whose seat, and in which order, is anybody's guess.</summary>
public class SeatChaosTests
{
    private const int UsualFaults = 3;
    private const int PerSecond = 60;

    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Patience = SessionTimeout + TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_takes_whose_seat_all_come_to_rest_with_a_share_each_and_nothing_is_lost_or_counted_twice()
    {
        Installation.RequireParts();
        await RunAsync(ChaosVariables.Seed ?? Random.Shared.Next(), ChaosVariables.Faults ?? UsualFaults);
    }

    private static async Task RunAsync(int seed, int faults)
    {
        await using Installation installation = await Installation.StartAsync(SessionTimeout);
        SeatChaos chaos = new(installation, seed);
        long started = Stopwatch.GetTimestamp();
        try
        {
            await Task.WhenAll(installation.StartSpeedAsync(), installation.StartSpeedAsync(), installation.StartSpeedAsync());
            await using BeatProducer producer = new(installation.Broker.Bootstrap, seed);
            using Api api = await installation.ApiAsync();
            using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            Task sending = Task.Run(() => producer.SendUntilAsync(PerSecond, enough.Token));
            await chaos.InjectAsync(faults);
            SeatSettlement settlement = SeatSettlement.Begin(installation);
            await chaos.ExchangeManyAsync();
            long undisturbed = Stopwatch.GetTimestamp();
            await settlement.SettledAsync(Patience);
            TimeSpan took = Stopwatch.GetElapsedTime(undisturbed);
            settlement.RequireFewFences();
            Assert.NotEqual(0, settlement.FencesSince);
            int losses = installation.Speed.Sum(SeatSettlement.Losses);

            // From here on nobody takes anything from anybody.
            await AcceptedAsync(api, 2 * PerSecond);
            await enough.CancelAsync();
            await sending;
            await InstancesAudit.SettleAsync(installation, producer, api);
            await settlement.SettledAsync(Patience);
            Assert.Equal(losses, installation.Speed.Sum(SeatSettlement.Losses));
            installation.RequireAlive();
            TestContext.Current.SendDiagnosticMessage(
                $"Seed {seed}: {faults} faults, {producer.Count} records, {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s, settled in {took.TotalSeconds:0.0} s with "
                + $"{settlement.FencesSince} fences, {installation.Speed.Sum(SeatSettlement.Fences)} in all: {string.Join(", ", chaos.Done)}");
            await Task.WhenAll(installation.Speed.Select(Stop.InTimeAsync));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            installation.KeepFolder();
            throw new InvalidOperationException(
                $"Seed {seed}, {faults} faults (set {ChaosVariables.SeedName} and {ChaosVariables.FaultsName}), outputs in {installation.Folder}, after "
                + $"{string.Join(", ", chaos.Done)}: {error.Message}",
                error);
        }
    }

    /// <summary>Waits until so many more records were computed.</summary>
    private static async Task AcceptedAsync(Api api, int more)
    {
        const string Status = $"/api/streams/{Beat.Stream}";
        long before = (await api.GetAsync(Status)).GetProperty("accepted").GetInt64();
        await api.UntilAsync(Status, stream => stream.GetProperty("accepted").GetInt64() >= before + more);
    }
}
