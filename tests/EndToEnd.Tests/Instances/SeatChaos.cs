using System.Diagnostics;
using Lambda.EndToEnd.Tests.Running;
using Npgsql;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>What can happen to processes that have seats.</summary>
internal enum SeatFault
{
    /// <summary>A process is killed; another one starts at once, and has its seat and its name if nobody else comes first.</summary>
    Replace,

    /// <summary>A process is killed; another one starts when the group may have missed the one before.</summary>
    ReplaceLate,

    /// <summary>A process is asked to end while another one starts.</summary>
    Relieve,

    /// <summary>A process joins, or, when there are many, leaves.</summary>
    JoinOrLeave,

    /// <summary>All connections that hold seats end, and others have the locks for a while before whoever comes first.</summary>
    Rob,

    /// <summary>A process is halted, and its connection ended, for a time after which the group may or may not have missed it.</summary>
    Halt,

    /// <summary>Several are halted, and their connections ended; others start meanwhile, and have their seats and names; then the first go on in any order.</summary>
    Exchange,

    /// <summary>The database is killed and starts again, and processes start as soon as it is there.</summary>
    FailOver,
}

/// <summary>Has the processes of an installation take each other's seats in any order, some faults at a time.</summary>
internal sealed class SeatChaos(Installation installation, int seed)
{
    private const int FewestProcesses = 3;
    private const int MostProcesses = 6;
    private const int MostAtOnce = 3;

    private readonly Random _random = new(seed);
    private readonly SeatTable _seats = new(installation);
    private readonly Queue<SeatFault> _kinds = new();

    // Whoever takes a process away, or adds one, sees how many there are.
    private readonly Lock _counting = new();
    private int _starting;

    /// <summary>What was done, in order.</summary>
    public List<string> Done { get; } = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Injects so many faults, and has all that was halted or taken away back at the end.</summary>
    public async Task InjectAsync(int faults)
    {
        for (int begun = 0; begun < faults;)
        {
            List<Task> atOnce = [];
            for (int more = 1 + _random.Next(MostAtOnce); more > 0 && begun < faults; more--, begun++)
            {
                atOnce.Add(Begin(NextKind()));
                await Task.Delay(_random.Next(500), Cancellation);
            }

            await Task.WhenAll(atOnce);
            installation.RequireAlive();
        }
    }

    /// <summary>
    /// As the last thing that happens, many lose their seats and names at once: half of the processes are halted, others take their seats, and when they go on, so are
    /// those of some that run.
    /// </summary>
    public async Task ExchangeManyAsync()
    {
        Random its = new(_random.Next());
        Random robbers = new(_random.Next());
        Done.Add("many exchange their seats");
        await SeatedAsync();
        await using NpgsqlConnection free = await _seats.HoldFreeAsync();
        Task robbing = Task.CompletedTask;
        await HaltAsync(installation.Speed.Count / 2, 2, TimeSpan.FromSeconds(its.NextDouble()), its, () =>
        {
            robbing = RobAsync(robbers);
            return free.CloseAsync();
        });
        await robbing;
    }

    /// <summary>Waits until each process holds a seat again, which after a failover takes a second or two; not for ever, as some may go without.</summary>
    private async Task SeatedAsync()
    {
        TimeSpan patience = TimeSpan.FromSeconds(10);
        long started = Stopwatch.GetTimestamp();
        while (await _seats.CountAsync() < installation.Speed.Count && Stopwatch.GetElapsedTime(started) < patience)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), Cancellation);
        }
    }

    private SeatFault NextKind()
    {
        if (_kinds.Count == 0)
        {
            // Each kind comes as often as every other.
            SeatFault[] all = Enum.GetValues<SeatFault>();
            _random.Shuffle(all);
            Array.ForEach(all, _kinds.Enqueue);
        }

        return _kinds.Dequeue();
    }

    private Task Begin(SeatFault fault)
    {
        // Drawn before anything is awaited, so that a seed means the same faults again.
        Random its = new(_random.Next());
        Done.Add($"{fault}");
        return fault switch
        {
            SeatFault.Replace => ReplaceAsync(TimeSpan.Zero, its),
            SeatFault.ReplaceLate => ReplaceAsync(installation.SessionTimeout * (0.5 + its.NextDouble()), its),
            SeatFault.Relieve => Task.WhenAll(StopAsync(its), StartAsync()),
            SeatFault.JoinOrLeave => JoinOrLeaveAsync(its),
            SeatFault.Rob => RobAsync(its),
            SeatFault.Halt => HaltAsync(1, 0, installation.SessionTimeout * (0.2 + its.NextDouble()), its),
            SeatFault.Exchange => HaltAsync(2, 2, TimeSpan.FromSeconds(its.NextDouble()), its),
            SeatFault.FailOver => FailOverAsync(its),
            _ => throw new InvalidOperationException($"{fault}"),
        };
    }

    private async Task ReplaceAsync(TimeSpan after, Random random)
    {
        if (Take(random) is { } process)
        {
            await process.KillAsync();
            await Task.Delay(after, Cancellation);
        }

        await StartAsync();
    }

    private async Task StopAsync(Random random)
    {
        if (Take(random) is { } process)
        {
            TimeSpan took = await Stop.InTimeAsync(process);
            Done.Add($"(stopped in {took.TotalSeconds:0.00} s)");
        }
    }

    private Task JoinOrLeaveAsync(Random random) => installation.Speed.Count < MostProcesses && random.Next(2) == 0 ? StartAsync() : StopAsync(random);

    private async Task RobAsync(Random random)
    {
        await using SeatRobbery robbery = await _seats.RobAsync(() => random.Next(3) > 0);
        Task starting = random.Next(2) == 0 ? StartAsync() : Task.CompletedTask;
        foreach (int seat in robbery.Held.OrderBy(_ => random.Next()))
        {
            await Task.Delay(random.Next(1500), Cancellation);
            await robbery.FreeAsync(seat);
        }

        await starting;
    }

    private Task HaltAsync(int most, int starts, TimeSpan time, Random random) => HaltAsync(most, starts, time, random, () => Task.CompletedTask);

    private async Task HaltAsync(int most, int starts, TimeSpan time, Random random, Func<Task> beforeTheyGoOn)
    {
        List<AppProcess> halted = [];
        while (halted.Count < most && Take(random) is { } process)
        {
            await process.HaltAsync();
            halted.Add(process);
        }

        await _seats.EndConnectionsAsync();
        await Task.WhenAll(Enumerable.Range(0, starts).Select(_ => StartAsync()));
        await Task.Delay(time, Cancellation);
        await beforeTheyGoOn();
        foreach (AppProcess process in halted.OrderBy(_ => random.Next()))
        {
            await process.ContinueAsync();
            installation.Return(process);
            await Task.Delay(random.Next(700), Cancellation);
        }
    }

    private async Task FailOverAsync(Random random)
    {
        Task starting = Task.CompletedTask;
        await installation.WithoutAsync(
            installation.Postgres.KillServerAsync,
            TimeSpan.FromMilliseconds(random.Next(1500)),
            async () =>
            {
                await installation.Postgres.StartServerAsync();
                starting = StartAsync();
            });
        await starting;
    }

    private async Task StartAsync()
    {
        lock (_counting)
        {
            if (installation.Speed.Count + _starting >= MostProcesses)
            {
                return;
            }

            _starting++;
        }

        try
        {
            await installation.StartSpeedAsync();
        }
        finally
        {
            lock (_counting)
            {
                _starting--;
            }
        }
    }

    /// <summary>A process that is meant to run, for a fault alone; null when there are too few.</summary>
    private AppProcess? Take(Random random)
    {
        lock (_counting)
        {
            IReadOnlyList<AppProcess> running = installation.Speed;
            if (running.Count < FewestProcesses)
            {
                return null;
            }

            AppProcess process = running[random.Next(running.Count)];
            Assert.True(installation.TryTake(process));
            return process;
        }
    }
}
