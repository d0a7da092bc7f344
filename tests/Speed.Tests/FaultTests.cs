using Lambda.Log;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Lambda.Views;
using Xunit;

namespace Lambda.Speed.Tests;

public class FaultTests(Platform platform)
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 6)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_fails_whenever_nothing_is_lost_or_counted_twice(int seed)
    {
        Random random = new(seed);
        StreamDefinition stream = await platform.CreateStreamAsync(partitions: random.Next(1, 4));
        List<LogRecord> records = RandomRecords.Create(random, random.Next(150, 450));
        LayerRig layer = await StartAsync(stream, random);
        List<LayerRig> dead = [];
        try
        {
            foreach (LogRecord[] chunk in records.Chunk(random.Next(20, 100)))
            {
                await platform.AppendAsync(stream, chunk);
                if (random.Next(3) == 0)
                {
                    await platform.Store.RequestSealAsync(stream.Name, Waiting.Token);
                }

                if (random.Next(3) == 0)
                {
                    // The process dies, perhaps with commits on their way to the store, and another takes over.
                    layer.Die();
                    dead.Add(layer);
                    layer = await StartAsync(stream, random);
                }
                else if (random.Next(3) == 0)
                {
                    await layer.StopAsync();
                    dead.Add(layer);
                    layer = await StartAsync(stream, random);
                }
            }

            await layer.CommittedAsync(Platform.Ends(records, stream.Partitions));
        }
        finally
        {
            foreach (LayerRig rig in dead.Append(layer))
            {
                await rig.DisposeAsync();
            }
        }

        await platform.AssertIsWholeAsync(stream, records);
    }

    private async Task<LayerRig> StartAsync(StreamDefinition stream, Random seeds)
    {
        // Its own source of chance for each process: how threads take turns must not change what the others draw.
        Random random = new(seeds.Next());
        double likelihood = seeds.NextDouble() * 0.2;
        bool Fails()
        {
            lock (random)
            {
                return random.NextDouble() < likelihood;
            }
        }

        LayerRig rig = new(platform, stream, SpeedOptions.Default with
        {
            CommitInterval = TimeSpan.FromMilliseconds(seeds.Next(1, 5)),
            MaxEventsPerCommit = seeds.Next(5, 80),
            EpochInterval = TimeSpan.FromMilliseconds(seeds.Next(1, 100)),
            SealPollInterval = TimeSpan.FromMilliseconds(seeds.Next(1, 5)),
            RestartDelay = TimeSpan.FromMilliseconds(1),
        });
        int limit = seeds.Next(1, 50);
        rig.Log.ReadLimit = () => limit;
        rig.Log.BeforeRead = (_, _) => Disturb(rig, Fails() ? new EventLogException("The log is away.") : null);
        rig.Log.BeforeWait = (_, _) => Disturb(rig, Fails() ? new IOException("The log is away.") : null);
        rig.Store.Before = _ =>
        {
            Disturb(rig, Fails() ? new ViewStoreException("The store is away.") : null);
            return Task.CompletedTask;
        };
        rig.Store.After = _ => Disturb(rig, Fails() ? new TimeoutException("The store did not answer.") : null);
        await rig.StartAsync();
        return rig;
    }

    private static void Disturb(LayerRig rig, Exception? error)
    {
        rig.ThrowIfDead();
        if (error is not null)
        {
            throw error;
        }
    }
}
