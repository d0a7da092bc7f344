using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;
using Npgsql;

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
        await InstancesAudit.SettleAsync(installation, producer, api);
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
        await InstancesAudit.SettleAsync(installation, producer, api);
    }

    [Fact]
    public async Task The_batch_layer_ends_in_the_middle_of_a_run_and_the_next_one_does_the_rest()
    {
        Installation.RequireParts();
        await using Installation installation = await Installation.StartAsync(TimeSpan.FromSeconds(6));
        await using BeatProducer producer = new(installation.Broker.Bootstrap, seed: 7);
        producer.Send(4000);
        await producer.ConfirmedAsync();
        using (Api api = await installation.ApiAsync())
        {
            // Nobody computes the stream, so that this run waits for epochs to be sealed when it has archived.
            string run = await api.StartRunAsync(Beat.Stream);
            await api.MomentAsync(run, status => status.GetProperty("state").GetString() == "running");
            await Stop.InTimeAsync(installation.Back);
        }

        // This one waits for the store, as if that hung.
        await installation.StartBackAsync();
        await using NpgsqlConnection holder = new(installation.ConnectionString + ";Pooling=false");
        await holder.OpenAsync(Cancellation);
        await using (NpgsqlTransaction held = await holder.BeginTransactionAsync(Cancellation))
        {
            using Api api = await installation.ApiAsync();
            string run = await api.StartRunAsync(Beat.Stream);
            await api.MomentAsync(run, status => status.GetProperty("state").GetString() == "running");
            await using NpgsqlCommand hold = new("LOCK TABLE lambda.generations IN ACCESS EXCLUSIVE MODE", holder, held);
            await hold.ExecuteNonQueryAsync(Cancellation);
            await Stop.InTimeAsync(installation.Back);
        }

        await installation.StartBackAsync();
        await installation.StartSpeedAsync();

        // One that runs no batch layer hands the request on.
        using Api after = new(await (await installation.StartServingAsync()).AddressAsync());
        await InstancesAudit.SettleAsync(installation, producer, after);
    }

    private static async Task SendWhileAsync(BeatProducer producer, Func<Task> work)
    {
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task sending = Task.Run(() => producer.SendUntilAsync(perSecond: 500, enough.Token), Cancellation);
        await work();
        await enough.CancelAsync();
        await sending;
    }
}
