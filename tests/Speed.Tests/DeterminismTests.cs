using Lambda.Speed.Tests.Fixtures;
using Lambda.Views;
using Xunit;

namespace Lambda.Speed.Tests;

public class DeterminismTests(Platform platform)
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(101, 2)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task The_same_log_gives_the_same_results_to_the_bit_whatever_restarts_and_options(int seed)
    {
        Random random = new(seed);
        List<LogRecord> records = RandomRecords.Create(random, 500);
        List<(int Crashes, SpeedOptions Options, int Read)> runs =
        [
            (0, SpeedOptions.Default, 8192),
            (1, SpeedOptions.Default with { MaxEventsPerCommit = 17 }, 5),
            (2, SpeedOptions.Default with { MaxEventsPerCommit = 40, EpochInterval = TimeSpan.FromMilliseconds(1) }, 64),
            (3, SpeedOptions.Default with { CommitInterval = TimeSpan.FromMilliseconds(1), MaxEventsPerCommit = 25 }, 10),
        ];
        List<ViewAnswer[]> answers = [];
        foreach ((int crashes, SpeedOptions options, int read) in runs)
        {
            StreamDefinition stream = await platform.CreateStreamAsync(partitions: 3);
            await platform.AppendAsync(stream, records);
            for (int crash = 0; crash < crashes; crash++)
            {
                await using LayerRig dying = new(platform, stream, options with { RestartDelay = TimeSpan.FromMilliseconds(1) });
                dying.Log.ReadLimit = () => read;
                int commits = random.Next(1, 8);
                dying.Store.After = _ =>
                {
                    if (dying.Store.Commits.Count >= commits)
                    {
                        dying.Die();
                    }

                    dying.ThrowIfDead();
                };
                await dying.StartAsync();

                // Few commits may be left, so that the process ends its work before its time has come.
                await await Task.WhenAny(
                    dying.Messages.Milestones.WhenAsync(LoggedEvents.Restarting), dying.CommittedAsync(Platform.Ends(records, 3)));
            }

            await using (LayerRig last = new(platform, stream, options))
            {
                last.Log.ReadLimit = () => read;
                await last.StartAsync();
                await last.CommittedAsync(Platform.Ends(records, 3));
            }

            await platform.AssertIsWholeAsync(stream, records);
            answers.Add([await platform.ReadAsync(stream.Views[0]), await platform.ReadAsync(stream.Views[1])]);
        }

        foreach (ViewAnswer[] other in answers.Skip(1))
        {
            ViewAnswer.AssertSame(answers[0][0], other[0]);
            ViewAnswer.AssertSame(answers[0][1], other[1]);
        }

        Assert.All(answers[0], answer => Assert.NotEqual(0, answer.Late.Count));
    }
}
