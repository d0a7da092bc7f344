using Lambda.EndToEnd.Tests.Running;

namespace Lambda.EndToEnd.Tests.Flights;

/// <summary>A flight in the order of the file.</summary>
internal sealed record FileFlight(string Id, DateTime Date, long Delay, long Distance, string Origin, string Destination);

/// <summary>
/// Decides which flights come late, in a plain loop: the file in its order, a watermark per partition, 15 minutes behind the newest date. Only which
/// partition an origin is in is taken from the history.
/// </summary>
internal static class Replay
{
    private static readonly TimeSpan OutOfOrderness = TimeSpan.FromMinutes(15);

    public static (List<FileFlight> Accepted, List<FileFlight> Late) Judge(string history, TimeSpan window, TimeSpan lateness)
    {
        Dictionary<string, int> partitions = DeltaFiles.Query(history, "SELECT DISTINCT origin, _partition FROM {0}")
            .ToDictionary(row => (string)row[0]!, row => Convert.ToInt32(row[1], System.Globalization.CultureInfo.InvariantCulture));
        Dictionary<int, DateTime> newest = [];
        List<FileFlight> accepted = [];
        List<FileFlight> late = [];
        foreach (FileFlight flight in Flights())
        {
            int partition = partitions[flight.Origin];
            DateTime windowEnd = new((flight.Date.Ticks / window.Ticks * window.Ticks) + window.Ticks);
            bool isLate = newest.TryGetValue(partition, out DateTime seen)
                && seen - OutOfOrderness - TimeSpan.FromMicroseconds(1) >= windowEnd - TimeSpan.FromMicroseconds(1) + lateness;
            (isLate ? late : accepted).Add(flight);
            newest[partition] = flight.Date > seen ? flight.Date : seen;
        }

        return (accepted, late);
    }

    private static IEnumerable<FileFlight> Flights() =>
        Duck.Query($"SELECT id::VARCHAR, date, delay::BIGINT, distance::BIGINT, origin, destination FROM '{FlightsServer.File}'")
            .Select(row => new FileFlight((string)row[0]!, (DateTime)row[1]!, (long)row[2]!, (long)row[3]!, (string)row[4]!, (string)row[5]!));
}
