using Lambda.Log;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Views;
using Xunit;

namespace Lambda.Speed.Tests.Assignment;

/// <summary>Several processes over one log and one store, among which partitions move at random while records come.</summary>
public class RebalanceTests(Platform platform)
{
    private const int Partitions = 4;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Nothing_is_lost_or_doubled_however_partitions_move(int seed)
    {
        Random random = new(seed);
        StreamDefinition stream = await platform.CreateStreamAsync(Partitions);
        List<LogRecord> records = RandomRecords.Create(random, random.Next(400, 1200));
        List<Member> members = [.. Enumerable.Range(0, 3).Select(_ => new Member(platform, stream, random))];
        try
        {
            foreach (Member member in members)
            {
                await member.Rig.StartAsync();
            }

            Member?[] owners = new Member?[Partitions];
            foreach (LogRecord[] some in records.Chunk(random.Next(10, 80)))
            {
                await platform.AppendAsync(stream, some);
                for (int moves = random.Next(3); moves > 0; moves--)
                {
                    int partition = random.Next(Partitions);
                    await MoveAsync(new StreamPartition(stream.Name, partition), owners[partition], members[random.Next(members.Count)], random);
                    owners[partition] = members.Find(member => member.Group.Given.Contains(new StreamPartition(stream.Name, partition)));
                }
            }

            // Every partition goes to somebody who is told of it last.
            List<long> ends = Platform.Ends(records, Partitions);
            for (int partition = 0; partition < Partitions; partition++)
            {
                Member last = members[random.Next(members.Count)];
                await MoveAsync(new StreamPartition(stream.Name, partition), owners[partition], last, random);
                await last.Rig.Committed.WaitAsync(stream.Name, [.. ends.Select((end, i) => i == partition ? end : 0)], Waiting.Token).InTime();
            }
        }
        finally
        {
            foreach (Member member in members)
            {
                await member.Rig.DisposeAsync();
            }
        }

        await platform.AssertIsWholeAsync(stream, records);
    }

    /// <summary>Moves a partition: in peace, by the loss of its owner, or so that the owner learns of its loss only afterwards.</summary>
    private static async Task MoveAsync(StreamPartition partition, Member? from, Member to, Random random)
    {
        if (from is null)
        {
            await to.Group.AssignAsync(partition);
            return;
        }

        switch (random.Next(3))
        {
            case 0:
                await from.Group.RevokeAsync(partition);
                await to.Group.AssignAsync(partition);
                break;
            case 1:
                await from.Group.LoseAsync(partition);
                await to.Group.AssignAsync(partition);
                break;
            case var _ when from == to:
                await to.Group.AssignAsync(partition);
                break;
            default:
                int claims = to.Rig.Store.Milestones.Count(ObservedStore.Claimed);
                await to.Group.AssignAsync(partition);
                await to.Rig.Store.Milestones.WhenAsync(ObservedStore.Claimed, claims + 1);
                await from.Group.LoseAsync(partition);
                break;
        }
    }

    private sealed class Member
    {
        public Member(Platform platform, StreamDefinition stream, Random random)
        {
            SpeedOptions options = SpeedOptions.Default with
            {
                CommitInterval = TimeSpan.FromMilliseconds(random.Next(1, 20)),
                MaxEventsPerCommit = random.Next(1, 60),
                EpochInterval = random.Next(2) == 0 ? TimeSpan.FromMilliseconds(random.Next(1, 30)) : TimeSpan.FromHours(1),

                // No claim but those that the group's word leads to.
                TakeBackDelay = TimeSpan.FromHours(1),
            };
            Rig = new LayerRig(platform, stream, options, group: Group);
        }

        public ScriptedGroup Group { get; } = new();

        public LayerRig Rig { get; }
    }
}
