using Lambda.Batch.Recompute.Corrections;
using Lambda.Store;
using Lambda.Views.Composing;
using Lambda.Views.Keys;

namespace Lambda.Batch.Tests.Recompute.Corrections;

public sealed class FoundCorrectionsTests
{
    private const long Day = 86_400_000_000;

    private readonly List<Correction> _written = [];
    private readonly List<int> _writes = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Few_are_kept_in_the_order_of_views_and_windows_and_the_rest_is_written_some_at_a_time()
    {
        using FoundCorrections found = Create(3);
        await found.AddAsync(1, [At("b", 2), At("b", 1)], Cancellation);
        await found.AddAsync(0, [At("a", 9)], Cancellation);
        await found.AddAsync(0, [.. Enumerable.Range(10, 7).Select(hour => At("a", hour))], Cancellation);

        RunChanges changes = await found.CompleteAsync(Cancellation);

        Assert.Equal(10, changes.Count);
        Assert.Equal(["a 9", "b 1", "b 2"], changes.First.Select(Text));
        Assert.Equal(Enumerable.Range(10, 7).Select(hour => $"a {hour}"), _written.Select(Text));
        Assert.Equal([3, 3, 1], _writes);
        Assert.Equal((0, 0, 0), (changes.UnexplainedCount, changes.Unexplained.Count, changes.OtherDays.Count));
    }

    [Fact]
    public async Task Those_without_a_reason_are_kept_beside_and_of_more_it_is_known_which_days_they_touch()
    {
        using FoundCorrections found = Create(2);
        await found.AddAsync(0, [At("a", 1), At("a", 2), At("a", 3), At("a", 4, unexplained: 1)], Cancellation);
        await found.AddAsync(1, [At("b", 1, unexplained: -1)], Cancellation);
        await found.AddAsync(2, [At("c", 1, unexplained: 2), At("c", 2), At("c", 3, unexplained: 1), At("c", Day - 1, unexplained: 1), At("c", -1, unexplained: 1)], Cancellation);

        RunChanges changes = await found.CompleteAsync(Cancellation);

        Assert.Equal((10, 6), (changes.Count, changes.UnexplainedCount));
        Assert.Equal(["a 4", "b 1"], changes.Unexplained.Select(Text));
        Assert.Equal([new UnexplainedDays("c", -Day, 0), new UnexplainedDays("c", 0, Day)], changes.OtherDays.OrderBy(days => days.Start));
        Assert.Equal(8, _written.Count);
    }

    [Fact]
    public void Windows_at_the_ends_of_time_have_days_too()
    {
        Correction always = At("a", 0).Correction with { WindowStart = long.MinValue, WindowEnd = long.MaxValue };

        Assert.Equal(new UnexplainedDays("a", long.MinValue, long.MaxValue), UnexplainedDays.Of(always));
    }

    private FoundCorrections Create(int most) => new(most, (corrections, _) =>
    {
        _writes.Add(corrections.Count);
        _written.AddRange(corrections);
        return default;
    });

    private static (WindowAddress Window, Correction Correction) At(string view, long hour, long unexplained = 0) => (
        new WindowAddress(new GroupKey([]), hour, null),
        new Correction(view, "1", "{}", hour, hour + 1, null, "{}", new CorrectionReasons(1, 0, 0, unexplained)));

    private static string Text(Correction correction) => $"{correction.View} {correction.WindowStart}";
}
