using System.Globalization;
using System.Text;
using Lambda.Batch.History;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Recompute.Duplicates;

/// <summary>That ids differ is told of new events and earlier ones as of all events together, and of earlier ones only files are opened that may have one of the new.</summary>
public sealed class NewIdsTests
{
    [Theory]
    [InlineData("text", "\"a-9\"", "\"a-10\"", "\"b\"")]
    [InlineData("text", "\"ключ\"", "\"ключ \"", "\"КЛЮЧ\"")]
    [InlineData("small", "9", "10", "-1")]
    [InlineData("large", "9007199254740993", "9007199254740992", "-9223372036854775808")]
    public async Task An_id_that_comes_again_at_another_time_is_told(string kind, string first, string second, string third)
    {
        await using Platform platform = await CreateAsync(kind);
        Append(platform, 0, first);
        Append(platform, 1, second);
        Append(platform, 2, "null");
        Assert.Equal((RunOutcome.Published, 0), await RunAsync(platform));

        // Days on, beside an event without an id, and beside one that comes twice and counts once.
        Append(platform, 2000, third);
        Append(platform, 2001, "null");
        Append(platform, 2000, third);
        Assert.Equal((RunOutcome.Published, 0), await RunAsync(platform));

        Append(platform, 4000, first);
        Assert.Equal((RunOutcome.Blocked, 1), await RunAsync(platform));
    }

    [Theory]
    [InlineData("text", "\"x\"")]
    [InlineData("large", "7")]
    public async Task So_is_one_that_comes_twice_in_new_events(string kind, string id)
    {
        await using Platform platform = await CreateAsync(kind);
        Append(platform, 0, "null");
        Assert.Equal((RunOutcome.Published, 0), await RunAsync(platform));
        Append(platform, 2000, id);
        Append(platform, 2001, id);
        Assert.Equal((RunOutcome.Blocked, 1), await RunAsync(platform));
    }

    [Theory]
    [InlineData("k-101", "k-520", null)]
    [InlineData("k-333", "k-520", "2024-05-03")]
    public async Task Only_files_that_may_have_a_new_id_are_opened(string first, string second, string? opened)
    {
        await using Platform platform = await CreateAsync("text");
        for (int day = 1; day <= 5; day++)
        {
            Append(platform, (day - 1) * 1440, $"\"k-{day * 100}\"");
            Append(platform, ((day - 1) * 1440) + 1, $"\"k-{(day * 100) + 50}\"");
        }

        Assert.Equal((RunOutcome.Published, 0), await RunAsync(platform));
        Damage(platform, "2024-05-02", "2024-05-03", "2024-05-04");
        Append(platform, 20_000, $"\"{first}\"");
        Append(platform, 20_001, $"\"{second}\"");
        if (opened is null)
        {
            Assert.Equal((RunOutcome.Published, 0), await RunAsync(platform));
        }
        else
        {
            HistoryException error = await Assert.ThrowsAsync<HistoryException>(() => platform.RecomputeAsync());
            Assert.Contains($"_date={opened}", error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Makes files of dates unreadable.</summary>
    private static void Damage(Platform platform, params string[] dates)
    {
        foreach (string file in Directory.GetFiles(Path.Combine(platform.Folder, "history", Orders.Stream, "events"), "*.parquet", SearchOption.AllDirectories)
            .Where(file => dates.Any(date => file.Contains($"_date={date}", StringComparison.Ordinal))))
        {
            File.WriteAllBytes(file, new byte[new FileInfo(file).Length]);
        }
    }

    private static void Append(Platform platform, int minute, string id)
    {
        string at = new DateTime(2024, 5, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(minute).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        platform.Append(minute % Orders.Partitions, Encoding.UTF8.GetBytes($$"""{"at":"{{at}}","id":{{id}}}"""));
    }

    /// <summary>How a run ends, and how many rows it found that repeat an id.</summary>
    private static async Task<(RunOutcome Outcome, long? Repeated)> RunAsync(Platform platform)
    {
        RunResult result = await platform.RecomputeAsync();
        return (result.Outcome, result.Report!.Checks[^1].FailingRows);
    }

    private static Task<Platform> CreateAsync(string kind) => Platform.CreateAsync(Catalog.Build(
    [
        kind switch
        {
            "text" => Complete(new StreamBuilder<WithText>(Orders.Stream).EventTime(e => e.At).EventId(e => e.Id).Expect(e => e.Uniqueness(w => w.Id))),
            "small" => Complete(new StreamBuilder<WithSmall>(Orders.Stream).EventTime(e => e.At).EventId(e => e.Id).Expect(e => e.Uniqueness(w => w.Id))),
            _ => Complete(new StreamBuilder<WithLarge>(Orders.Stream).EventTime(e => e.At).EventId(e => e.Id).Expect(e => e.Uniqueness(w => w.Id))),
        },
    ]));

    private static StreamBuilder<TEvent> Complete<TEvent>(StreamBuilder<TEvent> stream)
    {
        stream.Partitions(Orders.Partitions).View("hours").Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Events = a.Count() });
        return stream;
    }

    private sealed record WithText(DateTime At, string? Id);

    private sealed record WithSmall(DateTime At, int? Id);

    private sealed record WithLarge(DateTime At, long? Id);
}
