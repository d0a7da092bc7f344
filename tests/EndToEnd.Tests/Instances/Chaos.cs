using System.Net.Http.Json;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;
using Npgsql;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>What can happen to an installation.</summary>
internal enum Fault
{
    /// <summary>A process of the speed layer is killed; another one starts.</summary>
    KillSpeed,

    /// <summary>A process of the speed layer is asked to end; another one starts.</summary>
    StopSpeed,

    /// <summary>A process joins, or, when there are many, leaves.</summary>
    JoinOrLeave,

    /// <summary>A process is halted for longer than the others wait for it, and then goes on.</summary>
    Halt,

    /// <summary>The broker is killed and starts again.</summary>
    KillBroker,

    /// <summary>The database is killed and starts again.</summary>
    KillDatabase,

    /// <summary>Connections to the database break, also in the middle of commits.</summary>
    BreakConnections,

    /// <summary>The process of the batch layer is killed in the middle of a run; another one starts.</summary>
    KillBatch,
}

/// <summary>Injects faults into an installation, one or two at a time.</summary>
internal sealed class Chaos(Installation installation, int seed)
{
    private const int FewestProcesses = 2;
    private const int MostProcesses = 4;

    private readonly Random _random = new(seed);
    private int _begun;

    /// <summary>What was done, in order.</summary>
    public List<string> Done { get; } = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Injects so many faults, and has all that was taken away back at the end.</summary>
    public async Task InjectAsync(int faults)
    {
        Queue<Fault> kinds = new();
        while (_begun < faults)
        {
            if (kinds.Count < 2)
            {
                // Each kind comes as often as every other.
                Fault[] all = Enum.GetValues<Fault>();
                _random.Shuffle(all);
                Array.ForEach(all, kinds.Enqueue);
            }

            List<Task> atOnce = [Begin(kinds.Dequeue())];
            if (_random.Next(3) == 0)
            {
                await Task.Delay(_random.Next(300), Cancellation);
                atOnce.Add(Begin(kinds.Dequeue()));
            }

            await Task.WhenAll(atOnce);
            await Task.Delay(_random.Next(1000), Cancellation);
            installation.RequireAlive();
        }
    }

    private Task Begin(Fault fault)
    {
        _begun++;
        Done.Add($"{fault}");

        // Drawn before anything is awaited, so that a seed means the same faults again.
        TimeSpan time = TimeSpan.FromMilliseconds(_random.Next(2000));
        int pick = _random.Next(1000);
        return fault switch
        {
            Fault.KillSpeed => KillSpeedAsync(pick),
            Fault.StopSpeed => StopSpeedAsync(pick),
            Fault.JoinOrLeave => JoinOrLeaveAsync(pick),
            Fault.Halt => HaltAsync(pick, time),
            Fault.KillBroker => installation.WithoutAsync(installation.Broker.KillAsync, time, installation.Broker.StartAgainAsync),
            Fault.KillDatabase => installation.WithoutAsync(installation.Postgres.KillServerAsync, time, installation.Postgres.StartServerAsync),
            Fault.BreakConnections => BreakConnectionsAsync(pick),
            Fault.KillBatch => KillBatchAsync(time),
            _ => throw new InvalidOperationException($"{fault}"),
        };
    }

    private async Task KillSpeedAsync(int pick)
    {
        await Take(pick).KillAsync();
        await installation.StartSpeedAsync();
    }

    private async Task StopSpeedAsync(int pick)
    {
        TimeSpan took = await Stop.InTimeAsync(Take(pick));
        Done.Add($"(stopped in {took.TotalSeconds:0.00} s)");
        await installation.StartSpeedAsync();
    }

    private async Task JoinOrLeaveAsync(int pick)
    {
        if (installation.Speed.Count >= MostProcesses || (installation.Speed.Count > FewestProcesses && pick % 2 == 0))
        {
            await Stop.InTimeAsync(Take(pick));
        }
        else
        {
            await installation.StartSpeedAsync();
        }
    }

    private async Task HaltAsync(int pick, TimeSpan longer)
    {
        // Not among those that another fault may end meanwhile.
        AppProcess process = Take(pick);
        await process.HaltAsync();
        await Task.Delay(installation.SessionTimeout + TimeSpan.FromSeconds(1) + longer, Cancellation);
        await process.ContinueAsync();
        installation.Return(process);
    }

    private async Task BreakConnectionsAsync(int rounds)
    {
        for (int round = 0; round < 5 + (rounds % 10); round++)
        {
            try
            {
                await using NpgsqlConnection connection = new(installation.ConnectionString + ";Pooling=false;Application Name=chaos");
                await connection.OpenAsync(Cancellation);
                await using NpgsqlCommand command = new(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'chaos'", connection);
                installation.Disturb();
                await command.ExecuteNonQueryAsync(Cancellation);
            }
            catch (NpgsqlException)
            {
                // The database is down by another fault.
            }

            await Task.Delay(20 + (rounds % 80), Cancellation);
        }
    }

    private async Task KillBatchAsync(TimeSpan time)
    {
        try
        {
            using Api api = await installation.ApiAsync();
            using HttpResponseMessage response = await api.Client.PostAsJsonAsync("/api/batch/runs", new { stream = Beat.Stream }, Cancellation);
        }
        catch (HttpRequestException)
        {
            // Broker or database are down by another fault; the process is killed all the same.
        }

        await Task.Delay(time / 2, Cancellation);
        await installation.Back.KillAsync();
        await installation.StartBackAsync();
    }

    private AppProcess Take(int pick)
    {
        IReadOnlyList<AppProcess> running = installation.Speed;
        AppProcess process = running[pick % running.Count];
        Assert.True(installation.TryTake(process));
        return process;
    }
}
