using System.Diagnostics;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Lambda.EndToEnd.Tests.Running;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>Whether the processes of an installation have come to rest: each has a name of its own and a share of the partitions, and takes nobody's seat any more.</summary>
internal sealed partial class SeatSettlement
{
    private readonly Installation _installation;
    private readonly SeatTable _seats;

    // By process, how often it had lost its name before.
    private readonly Dictionary<AppProcess, int> _fencesBefore;

    private SeatSettlement(Installation installation)
    {
        _installation = installation;
        _seats = new SeatTable(installation);
        _fencesBefore = installation.Speed.ToDictionary(process => process, Fences);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Begins to watch, before the last disturbance.</summary>
    public static SeatSettlement Begin(Installation installation) => new(installation);

    /// <summary>How often the names of processes were taken since then.</summary>
    public int FencesSince => _installation.Speed.Sum(FencesOf);

    /// <summary>How often a process has lost its name, or the lock of its seat, or could have none.</summary>
    public static int Losses(AppProcess process) => Lost().Count(process.Output);

    /// <summary>How often another process has joined by its name.</summary>
    public static int Fences(AppProcess process) => Fenced().Count(process.Output);

    /// <summary>Waits until every partition has one owner, by the word of the brokers and by that of the processes.</summary>
    public async Task SettledAsync(TimeSpan patience)
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _installation.Broker.Bootstrap }).Build();
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            string found = await DescribeAsync(admin);
            if (found.Length == 0)
            {
                return;
            }

            Assert.True(Stopwatch.GetElapsedTime(started) < patience, $"The processes have not settled within {patience}: {found}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), Cancellation);
        }
    }

    /// <summary>
    /// Fails when a process lost its name more often than it may by one disturbance: to the one that has taken its seat, and to one that had the name of its next one before and
    /// joined again by chance at the same moment.
    /// </summary>
    public void RequireFewFences()
    {
        const int MostEach = 2;
        Assert.All(_installation.Speed, process => Assert.InRange(FencesOf(process), 0, MostEach));
    }

    private int FencesOf(AppProcess process) => Fences(process) - _fencesBefore.GetValueOrDefault(process);

    /// <summary>What is not yet as it is to be; empty when everything is.</summary>
    private async Task<string> DescribeAsync(IAdminClient admin)
    {
        ConsumerGroupDescription group = (await admin.DescribeConsumerGroupsAsync([Installation.Group])).ConsumerGroupDescriptions[0];
        IReadOnlyList<AppProcess> processes = _installation.Speed;
        int[] shares = [.. group.Members.Select(member => member.Assignment.TopicPartitions.Count).Order()];
        int[] given = [.. group.Members.SelectMany(member => member.Assignment.TopicPartitions).Select(partition => partition.Partition.Value).Order()];
        string[] names = [.. group.Members.Select(member => member.GroupInstanceId).Where(name => !string.IsNullOrEmpty(name))];
        int mayBeNameless = processes.Count(process => WentNameless().IsMatch(process.Output));
        int seats = await _seats.CountAsync();
        List<int> running = [];
        foreach (AppProcess process in processes)
        {
            using Api its = new(await process.AddressAsync());
            running.Add((int)await Figures.OwnedAsync(its));
        }

        bool isSettled = group.State == ConsumerGroupState.Stable
            && group.Members.Count == processes.Count
            && given.SequenceEqual(Enumerable.Range(0, Installation.Partitions))
            && running.Order().SequenceEqual(shares)
            && shares[^1] - shares[0] <= 1
            && names.Distinct(StringComparer.Ordinal).Count() == names.Length
            && group.Members.Count - names.Length <= mayBeNameless
            && seats == names.Length;
        return isSettled ? "" : $"{group.State}, {processes.Count} processes of which {mayBeNameless} may go without a name, {group.Members.Count} members with "
            + $"{seats} seats and [{string.Join(", ", shares)}] partitions by the names [{string.Join(", ", names)}]; the processes compute [{string.Join(", ", running)}]";
    }

    [GeneratedRegex(@"\[1014\]")]
    private static partial Regex Fenced();

    // For good, as it was fenced too often, or for a minute, as the database did not answer.
    [GeneratedRegex(@"\[(1015|5002)\]")]
    private static partial Regex WentNameless();

    [GeneratedRegex(@"\[(1014|1015|5002|5003)\]")]
    private static partial Regex Lost();
}
