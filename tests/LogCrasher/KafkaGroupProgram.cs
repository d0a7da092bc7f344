using Lambda.Log;
using Lambda.Log.Kafka;
using Lambda.Log.Kafka.Groups;
using Lambda.Store.Postgres;
using Lambda.Store.Postgres.Seats;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.LogCrasher;

/// <summary>
/// Takes part in a Kafka group until it is killed, and says on stdout what it is given ("+ N") and what is taken from it ("- N", or "! N" when lost). It has the given name in
/// the group, or one by the seats of the store, if these are not empty.
/// </summary>
internal static class KafkaGroupProgram
{
    public static async Task RunAsync(
        string bootstrap, string prefix, string group, string protocol, string stream, TimeSpan sessionTimeout, string instance, string store)
    {
        var options = new KafkaOptions
        {
            BootstrapServers = bootstrap,
            TopicPrefix = prefix,
            GroupId = group,
            GroupProtocol = Enum.Parse<KafkaGroupProtocol>(protocol),
            SessionTimeout = sessionTimeout,
            ConsumerSettings = instance.Length == 0
                ? new Dictionary<string, string>()
                : new Dictionary<string, string> { ["group.instance.id"] = instance },
        };
        PostgresSeats? seats = store.Length == 0
            ? null
            : new PostgresSeats(new PostgresStoreOptions { ConnectionString = store }, TimeProvider.System, NullLogger.Instance);
        await using var membership = new KafkaPartitionGroup(options, TimeProvider.System, NullLogger.Instance, seats);
        await membership.RunAsync([stream], new Teller(), CancellationToken.None);
    }

    private sealed class Teller : IPartitionGroupMember
    {
        public ValueTask AssignAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken) => Tell("+", partitions);

        public ValueTask RevokeAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken) => Tell("-", partitions);

        public ValueTask LoseAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken) => Tell("!", partitions);

        private static ValueTask Tell(string what, IReadOnlyList<StreamPartition> partitions)
        {
            Console.WriteLine($"{what} {partitions.Count}");
            return ValueTask.CompletedTask;
        }
    }
}
