using System.Globalization;
using System.Text;
using DuckDB.NET.Data;
using Lambda.Definition;
using Lambda.Log;
using Lambda.Speed.Tests.Fixtures;
using Lambda.TestSupport.Oracle;
using Lambda.Views;
using Lambda.Windows;
using Xunit;

namespace Lambda.Speed.Tests;

/// <summary>Two weeks of real flights in the order in which they became known, against SQL over the same file.</summary>
public sealed class FlightsTests(Platform platform) : IDisposable
{
    private const int Partitions = 4;
    private const long Flights = 228_738;
    private readonly DuckDBConnection _duck = OpenFlights();

    public sealed record Flight(string Id, DateTime Date, long Delay, long Distance, string Origin, string Destination);

    public void Dispose() => _duck.Dispose();

    [Fact]
    public async Task The_hours_of_every_airport_are_those_of_SQL_and_no_flight_is_lost()
    {
        Catalog catalog = Declare();
        StreamDefinition stream = catalog.Streams[0];
        await platform.RegisterAsync(stream);
        long[] ends = await AppendAsync(stream);
        Assert.Equal(Flights, ends.Sum());
        await using (LayerRig rig = new(platform, stream, SpeedOptions.Default, catalog: catalog))
        {
            await rig.StartAsync();
            await rig.CommittedAsync(ends);
        }

        ViewAnswer answer = await platform.ReadAsync(stream.Views[0]);
        (OracleRows accepted, long acceptedFlights) = Expected(late: false);
        (OracleRows late, long lateFlights) = Expected(late: true);
        ViewAnswer.AssertSame(new ViewAnswer(accepted, late), answer);
        Assert.Equal(Flights, acceptedFlights + lateFlights);
        Assert.InRange(lateFlights, 1, Flights / 4);
    }

    private static Catalog Declare()
    {
        StreamBuilder<Flight> flights = new StreamBuilder<Flight>("flights")
            .EventTime(f => f.Date).EventId(f => f.Id).PartitionBy(f => f.Origin)
            .OutOfOrderness(TimeSpan.FromMinutes(15)).Partitions(Partitions);
        flights.View("delays_by_origin")
            .GroupBy(f => f.Origin)
            .Window(Tumbling.Every(TimeSpan.FromHours(1)))
            .AllowedLateness(TimeSpan.FromMinutes(5))
            .Aggregate(a => new { Delay = a.Sum(f => f.Delay), Least = a.Min(f => f.Delay), Most = a.Max(f => f.Delay), Miles = a.Sum(f => f.Distance) });
        return Catalog.Build([flights]);
    }

    private async Task<long[]> AppendAsync(StreamDefinition stream)
    {
        long[] ends = new long[Partitions];
        using RecordBatch batch = new();
        using DuckDBDataReader reader = Run(
            """
            SELECT origin, '{"id":"' || id || '","date":"' || strftime(date, '%Y-%m-%dT%H:%M:%S.%fZ') || '","delay":' || delay
                || ',"distance":' || distance || ',"origin":"' || origin || '","destination":"' || destination || '"}'
            FROM flights ORDER BY number
            """);
        while (reader.Read())
        {
            byte[] key = Encoding.UTF8.GetBytes(reader.GetString(0));
            ends[KeyPartitioner.Partition(key, Partitions)]++;
            batch.Add(key, Encoding.UTF8.GetBytes(reader.GetString(1)));
            if (batch.Count == 16_384)
            {
                await platform.Log.AppendAsync(stream.Name, batch, Waiting.Token);
                batch.Clear();
            }
        }

        await platform.Log.AppendAsync(stream.Name, batch, Waiting.Token);
        return ends;
    }

    private (OracleRows Rows, long Flights) Expected(bool late)
    {
        using DuckDBDataReader reader = Run(
            $"""
            WITH judged AS (
                SELECT *, time_bucket(INTERVAL 1 HOUR, date) AS start,
                    max(date) OVER (PARTITION BY partition ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                        - INTERVAL 15 MINUTE - INTERVAL 1 MICROSECOND AS watermark
                FROM flights)
            SELECT origin, epoch_us(start), count(*), sum(delay)::BIGINT, min(delay), max(delay), sum(distance)::BIGINT
            FROM judged
            WHERE coalesce(watermark >= start + INTERVAL 1 HOUR - INTERVAL 1 MICROSECOND + INTERVAL 5 MINUTE, false) = {late}
            GROUP BY 1, 2
            """);
        List<OracleRow> rows = [];
        long flights = 0;
        while (reader.Read())
        {
            long start = reader.GetInt64(1);
            flights += reader.GetInt64(2);
            rows.Add(new OracleRow(
                [reader.GetString(0)],
                start,
                start + (60 * Readings.Minute),
                reader.GetInt64(2),
                [reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6)]));
        }

        return (new OracleRows(rows), flights);
    }

    private DuckDBDataReader Run(string sql)
    {
        using DuckDBCommand command = _duck.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteReader();
    }

    /// <summary>The flights with their number in the file and the partition of their origin.</summary>
    private static DuckDBConnection OpenFlights()
    {
        DuckDBConnection duck = new("DataSource=:memory:");
        duck.Open();
        using DuckDBCommand command = duck.CreateCommand();
        command.CommandText = $"CREATE TABLE airports AS SELECT DISTINCT origin FROM read_parquet('{Find()}')";
        command.ExecuteNonQuery();
        command.CommandText = "SELECT origin FROM airports";
        List<string> partitions = [];
        using (DuckDBDataReader reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                string origin = reader.GetString(0);
                partitions.Add(string.Create(
                    CultureInfo.InvariantCulture, $"('{origin}', {KeyPartitioner.Partition(Encoding.UTF8.GetBytes(origin), Partitions)})"));
            }
        }

        command.CommandText =
            $"""
            CREATE TABLE flights AS SELECT f.*, file_row_number AS number, p.partition
            FROM read_parquet('{Find()}', file_row_number = true) f JOIN (VALUES {string.Join(", ", partitions)}) p(origin, partition) USING (origin)
            """;
        command.ExecuteNonQuery();
        return duck;
    }

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "samples", "Flights", "data", "flights-2001-01.parquet");
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException("samples/Flights/data/flights-2001-01.parquet is not above the program's folder. Run it in the repository.");
    }
}
