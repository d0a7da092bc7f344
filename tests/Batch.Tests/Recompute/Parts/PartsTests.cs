using System.Reflection;
using Lambda.Aggregation;
using Lambda.Batch.Archive;
using Lambda.Batch.History.Reading;
using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Parts;
using Lambda.Batch.Tests.Support;
using Lambda.Store;
using Lambda.Time;

namespace Lambda.Batch.Tests.Recompute.Parts;

/// <summary>What is computed in parts is what is computed at once, bit for bit.</summary>
public class PartsTests
{
    public static TheoryData<int, LogShape> Seeds => [.. Enumerable.Range(1, 4).Select(seed => (seed, seed % 2 == 0 ? LogShape.Sparse : LogShape.Dense))];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Parts_of_any_cut_come_to_what_comes_of_all_dates_at_once(int seed, LogShape shape)
    {
        await using PartsPlatform platform = await PartsPlatform.CreateAsync(seed, shape);
        Random random = new(seed);
        IArchiveSnapshot archive = await platform.PinAsync();
        Boundary below = Between(random, archive.Start, archive.End);
        foreach (ArchiveRange range in (ArchiveRange[])
        [
            new(null, archive.End),
            new(null, below),
            new(Between(random, archive.Start, below), below),
            new(null, below, Times(random, archive)),
        ])
        {
            Computation atOnce = await platform.AtOnceAsync(archive, range);
            ScriptedQueue queue = new(platform.Worker, (_, _) => Fate.Done);
            IReadOnlyList<PlannedPart> parts = RandomParts(random, Computation.DatesOf(archive, range));

            Computation inParts = await platform.InPartsAsync(platform.Gatherer(queue), archive, range, parts);

            string name = $"seed {seed}, {range}, {string.Join("; ", parts.Select(part => string.Join(", ", part.Dates)))}";
            Same(name, ComputedText.Of(platform.Platform.Plan, atOnce), ComputedText.Of(platform.Platform.Plan, inParts));
            Assert.Empty(await platform.RunFilesAsync());
            Assert.Equal(parts.Count, queue.HandedOut.Count);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_generation_of_parts_is_what_the_oracle_computes_whether_all_or_new_events_are_read(int seed)
    {
        Platform platform = await Platform.CreateAsync(Orders.Catalog(Orders.Moving));
        RandomOrders orders = new(seed, platform);
        BatchOptions options = Platform.Options with { PartEvents = 50 };
        await using PartsPlatform parts = PartsPlatform.Over(platform);
        ScriptedQueue queue = new(parts.Worker, (_, _) => Fate.Done);
        RecomputeRun run = platform.Run(options: options, parts: parts.Gatherer(queue, options: options));
        for (int round = 0; round < 2; round++)
        {
            orders.Append(700);
            RunResult result = await platform.RecomputeAsync(run);

            Assert.True(result.Outcome == RunOutcome.Published, $"seed {seed}, round {round}: {result.Message}");
            await OracleTests.AssertServesOracleAsync(platform, orders, seed);
            Assert.True(queue.HandedOut.Count > 1, $"seed {seed}, round {round}: {queue.HandedOut.Count} parts");
        }
    }

    [Fact]
    public void The_views_of_these_tests_have_every_aggregate_function()
    {
        IEnumerable<string> all = typeof(Aggregates<Order>).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Select(method => method.Name).Distinct();
        string source = File.ReadAllText(Path.Combine(SourceFolder(), "RichViews.cs"));

        Assert.All(all, name => Assert.Contains($"a.{name}(", source, StringComparison.Ordinal));
    }

    internal static void Same(string name, IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        string[] lost = [.. expected.Except(actual)];
        string[] more = [.. actual.Except(expected)];
        Assert.True(
            expected.SequenceEqual(actual),
            $"{name}: {expected.Count} lines became {actual.Count}\nlost:\n{string.Join('\n', lost.Take(5))}\nmore:\n{string.Join('\n', more.Take(5))}");
    }

    /// <summary>Each date in one part, in any order.</summary>
    private static IReadOnlyList<PlannedPart> RandomParts(Random random, IReadOnlyList<DateOnly> dates)
    {
        int count = random.Next(1, dates.Count + 1);
        return [.. dates.GroupBy(_ => random.Next(count)).Select(part => new PlannedPart([.. part], 100))];
    }

    private static Boundary Between(Random random, Boundary start, Boundary end) =>
        new(Enumerable.Range(0, start.Partitions).Select(partition => random.NextInt64(start[partition], end[partition] + 1)));

    private static EventTimeRange Times(Random random, IArchiveSnapshot archive)
    {
        long first = UtcMicroseconds.FromDateTime(archive.Dates[0].ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));
        long start = first + random.NextInt64(0, 86_400_000_000L);
        return new EventTimeRange(start, start + random.NextInt64(1, 2 * 86_400_000_000L));
    }

    private static string SourceFolder([System.Runtime.CompilerServices.CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
