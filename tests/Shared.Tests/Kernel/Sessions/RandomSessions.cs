using System.Text.Json;
using Lambda.Tests.Kernel.Streams;
using Lambda.TestSupport.Oracle;

namespace Lambda.Tests.Kernel.Sessions;

/// <summary>Random streams whose time goes on, faster and slower, while single events stay behind: so that there are sessions, some of them still live.</summary>
internal static class RandomSessions
{
    /// <summary>Records per partition, by offset; all different ids.</summary>
    public static IReadOnlyList<IReadOnlyList<RandomRecord>> Create(int seed, int partitions, int records)
    {
        Random random = new(seed);
        return [.. new RandomReadings(seed).Next(partitions, records).Select(partition => Retime(partition, random))];
    }

    private static List<RandomRecord> Retime(IReadOnlyList<RandomRecord> partition, Random random)
    {
        DateTimeOffset clock = new(2024, 2, 28, 23, random.Next(60), 0, TimeSpan.Zero);
        List<RandomRecord> retimed = [];
        foreach (RandomRecord record in partition)
        {
            if (record.Expected.Event is not { } reading)
            {
                retimed.Add(record);
                continue;
            }

            clock += TimeSpan.FromSeconds(random.Next(8) == 0 ? random.Next(600) : random.Next(40));
            TimeSpan behind = random.Next(3) switch { 0 => TimeSpan.Zero, 1 => TimeSpan.FromSeconds(random.Next(120)), _ => TimeSpan.FromSeconds(random.Next(1200)) };
            DateTimeOffset time = clock - behind;

            // Half of the times are whole minutes, so that many events stand exactly the gap apart.
            time = random.Next(2) == 0 ? time : time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMinute) + (random.Next(2) * 10));
            reading = reading with { Id = $"{record.Expected.Partition}/{record.Expected.Offset}", Time = time };
            retimed.Add(new RandomRecord(
                record.Expected with { Event = reading }, JsonSerializer.SerializeToUtf8Bytes(reading, JsonSerializerOptions.Web), OracleTime.Microseconds(time)));
        }

        return retimed;
    }
}
