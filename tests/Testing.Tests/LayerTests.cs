using Lambda.Definition;
using Lambda.Events;
using static Lambda.Testing.Tests.Flights;

namespace Lambda.Testing.Tests;

public class LayerTests
{
    [Fact]
    public void An_event_that_is_late_counts_from_the_next_batch_run_on()
    {
        StreamBuilder<Flight> flights = Stream();
        var delays = flights.View("delays").GroupBy(f => f.Origin).Window(Hours).Aggregate(a => new { Flights = a.Count(), Delay = a.Sum(f => f.Delay) });
        StreamTestDriver<Flight> driver = Drive(flights);

        driver.Send(At(10, "a", delay: 5));
        driver.Send(At(70, "b", delay: 7));
        driver.Send(At(20, "c", delay: 100));

        var before = driver.Read(delays);
        Assert.Equal([new { Flights = 1L, Delay = 5L }, new { Flights = 1L, Delay = 7L }], before.Merged.Select(row => row.Result));
        Assert.Equal([WindowStatus.Complete, WindowStatus.Open], before.Merged.Select(row => row.Status));
        Assert.Equal(new { Flights = 1L, Delay = 100L }, Assert.Single(before.Late).Result);
        Assert.Empty(before.Batch);
        Assert.Empty(before.Comparison);

        driver.RunBatch();

        var after = driver.Read(delays);
        Assert.Equal(new { Flights = 2L, Delay = 105L }, after.Merged[0].Result);
        Assert.Equal((Start, Start.AddHours(1), "LAS", 2L), (after.Merged[0].Start, after.Merged[0].End, after.Merged[0].Key, after.Merged[0].EventCount));
        Assert.Equal([WindowStatus.Corrected, WindowStatus.Open], after.Merged.Select(row => row.Status));
        Assert.Equal(after.Merged, after.Batch);
        Assert.Equal(before.Speed, after.Speed);
        var correction = Assert.Single(after.Corrections);
        Assert.Equal((5L, 105L), (correction.Before!.Result.Delay, correction.After!.Result.Delay));
        Assert.Equal([(1L, 0L, 0L), (0L, 0L, 0L)], after.Comparison.Select(row => (row.Late, row.Duplicates, row.Quarantined)));
        Assert.All(after.Comparison, row => Assert.Null(row.Unexplained));

        driver.RunBatch();
        Assert.Empty(driver.Read(delays).Corrections);
        Assert.Equal(WindowStatus.Corrected, driver.Read(delays).Merged[0].Status);
    }

    [Fact]
    public void Repetitions_and_events_that_fail_a_check_count_until_the_batch_layer_removes_them()
    {
        StreamBuilder<Flight> flights = Stream(partitions: 2);
        var all = flights.View("all").Window(Hours).Aggregate(a => new { Flights = a.Count() });
        StreamTestDriver<Flight> driver = Drive(flights);

        driver.Send(At(1, "a"), partition: 1);
        driver.Send(At(1, "a"), partition: 0);
        driver.Send(At(2, "a"), partition: 0);
        driver.Send(At(3, "b", delay: -500), partition: 0);
        Assert.Equal(4, Assert.Single(driver.Read(all).Merged).Result.Flights);
        Assert.Empty(driver.Quarantine);

        BatchRun run = driver.RunBatch();

        Assert.Equal((1L, 4, 1, 1), (run.Generation, run.Events, run.Repetitions, run.Quarantined));
        Assert.Equal([3L, 1L], run.Boundary);
        var results = driver.Read(all);
        Assert.Equal(2, Assert.Single(results.Merged).Result.Flights);
        var comparison = Assert.Single(results.Comparison);
        Assert.Equal((0L, 1L, 1L, null), (comparison.Late, comparison.Duplicates, comparison.Quarantined, comparison.Unexplained));
        QuarantinedEvent refused = Assert.Single(driver.Quarantine);
        Assert.Equal((0, 2L, RejectReason.CheckFailed), (refused.Partition, refused.Offset, refused.Reason));
        Assert.Contains("plausible delay", refused.Detail);
        Assert.Equal(default, Assert.Single(results.Merged).Key);
    }

    [Fact]
    public void What_comes_after_a_batch_run_is_added_by_the_speed_layer()
    {
        StreamBuilder<Flight> flights = Stream();
        var all = flights.View("all").Window(Hours).Aggregate(a => new { Flights = a.Count(), Longest = a.Max(f => f.Delay) });
        StreamTestDriver<Flight> driver = Drive(flights);
        driver.Send(At(1, "a", delay: 9));
        driver.SealEpochs();
        driver.Send(At(2, "b", delay: 3));
        driver.SealEpoch(0);
        driver.Send(At(3, "c", delay: 30));

        driver.RunBatch([1]);

        var results = driver.Read(all);
        Assert.Equal(new { Flights = 1L, Longest = 9L }, Assert.Single(results.Batch).Result);
        Assert.Equal(new { Flights = 3L, Longest = 30L }, Assert.Single(results.Merged).Result);
        Assert.Equal(1, Assert.Single(results.Comparison).Speed!.EventCount);
        Assert.Equal([2L], driver.RunBatch([2]).Boundary);
        Assert.Equal(2, Assert.Single(driver.Read(all).Batch).Result.Flights);
    }

    [Fact]
    public void Neither_the_end_of_an_epoch_nor_a_restart_changes_an_answer()
    {
        StreamBuilder<Flight> flights = Stream();
        var delays = flights.View("delays").GroupBy(f => f.Origin).Window(Hours).Aggregate(a => new { Flights = a.Count(), Mean = a.Average(f => f.Delay) });
        StreamTestDriver<Flight> plain = Drive(flights);
        StreamTestDriver<Flight> disturbed = Drive(flights);

        foreach (Flight flight in new[] { At(10, "a"), At(90, "b", delay: 4), At(20, "c"), At(95, "d", "ATL"), At(5, "e"), At(200, "f"), At(100, "g") })
        {
            plain.Send(flight);
            disturbed.Send(flight);
            disturbed.SealEpochs();
            disturbed.RestartSpeedLayer();
        }

        Assert.Equal(plain.Read(delays).Speed, disturbed.Read(delays).Speed);
        Assert.Equal(plain.Read(delays).Late, disturbed.Read(delays).Late);
        Assert.Equal(3, plain.Read(delays).Late.Sum(row => row.EventCount));
        Assert.Equal(plain.Watermark, disturbed.Watermark);
    }

    [Fact]
    public void A_boundary_lies_where_epochs_end_and_never_goes_back()
    {
        StreamBuilder<Flight> flights = Stream();
        flights.View("all").Window(Hours).Aggregate(a => new { Flights = a.Count() });
        StreamTestDriver<Flight> driver = Drive(flights);
        driver.Send(At(1, "a"));
        driver.Send(At(2, "b"));

        Assert.Contains("[1] cuts an epoch of partition 0", Assert.Throws<ArgumentException>(() => driver.RunBatch([1])).Message);
        Assert.Contains("one for each of the 1 partitions", Assert.Throws<ArgumentException>(() => driver.RunBatch([1, 1])).Message);
        Assert.Contains("end of what was sent, [2]", Assert.Throws<ArgumentException>(() => driver.RunBatch([3])).Message);
        driver.RunBatch();
        Assert.Contains("never go back", Assert.Throws<ArgumentException>(() => driver.RunBatch([0])).Message);
    }
}
