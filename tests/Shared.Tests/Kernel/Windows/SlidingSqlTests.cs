using System.Globalization;
using DuckDB.NET.Data;
using Lambda.Tests.Kernel.Definition;
using Lambda.Tests.Kernel.Streams;
using Lambda.TestSupport.Oracle;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Kernel.Windows;

/// <summary>Sliding windows as a database finds them, which knows nothing of slices: every event is joined with the starts of its windows.</summary>
public sealed class SlidingSqlTests
{
    [Fact]
    public void Windows_are_those_of_SQL()
    {
        for (int round = 0; round < 12; round++)
        {
            int seed = Random.Shared.Next();
            Random random = new(seed);
            long size = random.NextInt64(1, 7_200_000_000);
            long slide = random.NextInt64((size / 15) + 1, (2 * size) + 2);
            long offset = random.NextInt64(-2 * slide, 2 * slide);
            WindowSpec windows = Sliding.Every(TimeSpan.FromMicroseconds(slide), TimeSpan.FromMicroseconds(size), TimeSpan.FromMicroseconds(offset));
            List<Reading> events = [.. new RandomReadings(seed).Next(1, 150)[0].Select(record => record.Expected.Event).OfType<Reading>()];
            if (events.Count == 0)
            {
                continue;
            }

            IEnumerable<string> actual = Evaluation.Rows(
                    Evaluation.Define(view => view.Window(windows).Aggregate(a => new { N = a.Count(), Total = a.Sum(e => e.MaybeCount) })), events, out _)
                .Select(row => $"{row.Start} {row.End} {row.EventCount} {row.Results[1]}");

            Assert.Equal((string.Join('\n', Sql(events, size, slide, offset)), seed), (string.Join('\n', actual), seed));
        }
    }

    private static IEnumerable<string> Sql(List<Reading> events, long size, long slide, long offset)
    {
        using DuckDBConnection duck = new("DataSource=:memory:");
        duck.Open();
        using DuckDBCommand command = duck.CreateCommand();
        string values = string.Join(
            ", ",
            events.Select(e => string.Create(CultureInfo.InvariantCulture, $"({OracleTime.Microseconds(e.Time)}::HUGEINT, {e.MaybeCount?.ToString(CultureInfo.InvariantCulture) ?? "NULL"}::INTEGER)")));
        command.CommandText =
            $"""
            WITH events(t, v) AS (VALUES {values}),
                 firsts AS (SELECT t, v, (t - {offset}) - ((((t - {offset}) % {slide}) + {slide}) % {slide}) + {offset} AS latest FROM events),
                 windows AS (SELECT t, v, latest - n * {slide} AS s FROM firsts, range({(size / slide) + 2}) AS numbers(n))
            SELECT s::VARCHAR, (s + {size})::VARCHAR, count(*)::VARCHAR, coalesce(sum(v), 0)::VARCHAR
            FROM windows WHERE s <= t AND t < s + {size} GROUP BY s ORDER BY s
            """;
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return $"{reader.GetString(0)} {reader.GetString(1)} {reader.GetString(2)} {reader.GetString(3)}";
        }
    }
}
