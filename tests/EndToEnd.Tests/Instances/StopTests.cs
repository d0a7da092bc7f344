using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>Processes that are asked to end with work in hand.</summary>
public class StopTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_is_asked_to_end_commits_what_it_has_and_another_goes_on_at_once()
    {
        Installation.RequireParts();

        // So long that nobody can wait for it: partitions move because they are given back.
        await using Installation installation = await Installation.StartAsync(TimeSpan.FromMinutes(4));
        AppProcess first = await installation.StartSpeedAsync();
        await using BeatProducer producer = new(installation.Broker.Bootstrap, seed: 1);
        using Api api = await installation.ApiAsync();
        await SendWhileAsync(producer, async () =>
        {
            await api.UntilAsync($"/api/streams/{Beat.Stream}", status => status.GetProperty("accepted").GetInt64() > 1000);
            await installation.StartSpeedAsync();
            await Stop.InTimeAsync(first);
        });

        Assert.DoesNotContain("could not be committed at the end", first.Output, StringComparison.Ordinal);
        await CheckAsync(installation, producer, api);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_keeps_no_process_from_ending()
    {
        Installation.RequireParts();
        await using Installation installation = await Installation.StartAsync(TimeSpan.FromSeconds(3));
        AppProcess process = await installation.StartSpeedAsync();
        await using BeatProducer producer = new(installation.Broker.Bootstrap, seed: 2);
        using Api api = await installation.ApiAsync();
        await SendWhileAsync(
            producer, () => api.UntilAsync($"/api/streams/{Beat.Stream}", status => status.GetProperty("accepted").GetInt64() > 1000));
        await installation.Broker.HaltAsync();
        try
        {
            await Stop.InTimeAsync(process);
        }
        finally
        {
            await installation.Broker.ContinueAsync();
        }

        await installation.StartSpeedAsync();
        await CheckAsync(installation, producer, api);
    }

    private static async Task SendWhileAsync(BeatProducer producer, Func<Task> work)
    {
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task sending = Task.Run(() => producer.SendUntilAsync(perSecond: 500, enough.Token), Cancellation);
        await work();
        await enough.CancelAsync();
        await sending;
    }

    private static async Task CheckAsync(Installation installation, BeatProducer producer, Api api)
    {
        await producer.ConfirmedAsync();
        await api.CaughtUpAsync(Beat.Stream);
        await api.PublishAsync(Beat.Stream);
        InstancesAudit audit = new(api, Path.Combine(installation.Folder, "data"), producer.ReadBack(installation.Broker.Bootstrap));
        await audit.CheckAsync();
    }
}
