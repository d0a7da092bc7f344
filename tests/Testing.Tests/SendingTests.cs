using System.Text;
using Lambda.Definition;
using Lambda.Events;
using static Lambda.Testing.Tests.Flights;

namespace Lambda.Testing.Tests;

public class SendingTests
{
    [Fact]
    public void Records_go_to_the_partition_of_their_key_and_to_the_next_offset()
    {
        StreamTestDriver<Flight> driver = Drive(Counted(partitions: 3));

        SentEvent first = driver.Send(At(1, "a", "LAS"));
        SentEvent second = driver.Send(At(2, "b", "LAS"));

        Assert.Equal(first.Partition, second.Partition);
        Assert.Equal((0L, 1L), (first.Offset, second.Offset));
        Assert.True(Enumerable.Range(0, 20).Select(i => driver.Send(At(3, $"{i}", $"K{i}")).Partition).Distinct().Count() == 3);
    }

    [Fact]
    public void Partition_offset_and_append_time_can_be_given()
    {
        StreamTestDriver<Flight> driver = Drive(Counted(partitions: 2));

        Assert.Equal(new SentEvent(1, 17), driver.Send(At(1, "a"), partition: 1, offset: 17));
        Assert.Equal(new SentEvent(1, 18), driver.Send(At(2, "b"), partition: 1));

        // The event time lies more than an hour ahead of the append time.
        driver.Send(At(90, "c"), partition: 0, appendedAt: Start);
        Assert.Equal(RejectReason.FutureEventTime, Assert.Single(driver.Quarantine).Reason);
        Assert.Equal(Start, driver.Quarantine[0].AppendedAt);
        Assert.Equal(2, driver.Read("all").Merged.Sum(row => row.EventCount));
        Assert.Contains("ends at offset 19", Assert.Throws<ArgumentOutOfRangeException>(() => driver.Send(At(1, "d"), partition: 1, offset: 18)).Message);
        Assert.Contains("partitions 0 to 1", Assert.Throws<ArgumentOutOfRangeException>(() => driver.Send(At(1, "d"), partition: 2)).Message);
    }

    [Fact]
    public void Bad_records_are_quarantined_and_move_no_watermark()
    {
        StreamTestDriver<Flight> driver = Drive(Counted(partitions: 1));

        driver.SendJson("no flight");
        driver.SendJson("""{"id":"a","date":"2001-01-01T02:00:00Z","origin":"LAS","delay":"late"}""");
        driver.SendJson("{\"id\":\"b\"}"u8);

        Assert.Equal([RejectReason.Malformed, RejectReason.WrongType, RejectReason.InvalidEventTime], driver.Quarantine.Select(refused => refused.Reason));
        Assert.Equal("no flight", Encoding.UTF8.GetString(driver.Quarantine[0].Value.Span));
        Assert.Null(driver.Watermark);
        Assert.Empty(driver.Read("all").Merged);
        Assert.Equal(0, driver.RunBatch().Events);
        Assert.Equal(3, driver.Quarantine.Count);
    }

    [Fact]
    public void An_event_whose_expression_throws_counts_in_neither_layer()
    {
        StreamBuilder<Flight> flights = Stream();
        var all = flights.View("all").GroupBy(f => f.Destination!.ToUpperInvariant()).Window(Hours).Aggregate(a => new { Flights = a.Count() });
        StreamTestDriver<Flight> driver = Drive(flights);

        driver.Send(At(1, "a", destination: null));
        driver.Send(At(1, "b", destination: "sfo"));
        driver.RunBatch();

        Assert.Equal(("SFO", 1L), (Assert.Single(driver.Read(all).Merged).Key, driver.Read(all).Merged[0].Result.Flights));
        QuarantinedEvent refused = Assert.Single(driver.Quarantine);
        Assert.Equal(RejectReason.ExpressionFailed, refused.Reason);
        Assert.Contains("NullReferenceException", refused.Detail);
        Assert.All(driver.Read(all).Comparison, row => Assert.Null(row.Unexplained));
    }

    private static StreamBuilder<Flight> Counted(int partitions)
    {
        StreamBuilder<Flight> flights = Stream(partitions);
        flights.View("all").Window(Hours).Aggregate(a => new { Flights = a.Count() });
        return flights;
    }
}
