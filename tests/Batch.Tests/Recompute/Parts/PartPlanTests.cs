using Lambda.Batch.Recompute.Parts;

namespace Lambda.Batch.Tests.Recompute.Parts;

public class PartPlanTests
{
    [Fact]
    public void Neighbouring_dates_are_put_together_up_to_so_many_events_and_a_larger_date_is_a_part_by_itself()
    {
        Assert.Equal(["1, 2: 10", "3: 11", "4: 2", "5: 70", "6, 7, 8: 9"], Cut(10, 4, 6, 11, 2, 70, 0, 9, 0));
        Assert.Equal(["1: 5"], Cut(10, 5));
        Assert.Empty(Cut(10));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_date_is_in_one_part_and_no_two_neighbours_fit_into_one(int seed)
    {
        Random random = new(seed);
        long[] rows = [.. Enumerable.Range(0, random.Next(1, 300)).Select(_ => random.NextInt64(0, 50))];
        DateOnly[] dates = [.. rows.Select((_, day) => new DateOnly(2024, 1, 1).AddDays(day))];

        IReadOnlyList<PlannedPart> parts = PartPlan.Cut(dates, rows, 60);

        Assert.Equal(dates, parts.SelectMany(part => part.Dates));
        Assert.Equal(rows.Sum(), parts.Sum(part => part.Events));
        Assert.All(parts, part => Assert.True(part.Events <= 60, $"seed {seed}: {part.Events}"));
        Assert.All(parts.Zip(parts.Skip(1)), pair => Assert.True(
            pair.First.Events + rows[pair.Second.Dates[0].DayNumber - dates[0].DayNumber] > 60, $"seed {seed}: {pair}"));
    }

    [Fact]
    public void A_part_has_at_least_one_event()
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => new BatchOptions { PartEvents = 0 });

        Assert.Contains("Give 1 or more.", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Cut(long most, params long[] rows) => PartPlan
        .Cut([.. rows.Select((_, day) => new DateOnly(2024, 1, 1).AddDays(day))], rows, most)
        .Select(part => $"{string.Join(", ", part.Dates.Select(date => date.Day))}: {part.Events}");
}
