using System.Text.Json;
using System.Text.RegularExpressions;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Quality;
using Lambda.Store;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Batch.Tests.Audit;

/// <summary>What the audit finds against a plain loop over the same rows.</summary>
public class DataCheckOracleTests
{
    private static readonly string?[] Texts =
    [
        null, "", "ABC", "XYZ", "abc", "Ü𝕏ü", "'; DROP VIEW events; --", "a\"b", "a\0b", "line\nbreak", "\\x41", "%", "1", "ABC", "é", "é",
    ];

    private static readonly decimal?[] Prices = [null, 1.1m, 1.10m, 1.100m, 0m, 0.00m, -0.0m, 1e20m, 0.0000000000000000000000000001m, 2.5m];

    private static readonly DateTimeOffset Now = Parcel.Day.AddDays(2);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Figures_verdicts_and_samples_are_those_of_a_loop(int seed)
    {
        Random random = new(seed);
        await AssertSameAsync(seed, random, Ask(random));
    }

    /// <summary>Where no check needs all events together, they are read date by date; those above are all read at once, as some do.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task So_they_are_where_figures_of_dates_add_up(int seed)
    {
        Random random = new(seed);
        await AssertSameAsync(seed, random, [.. Ask(random).Where(check => check.AddsUp)]);
    }

    private static async Task AssertSameAsync(int seed, Random random, List<Asked> asked)
    {
        await using Platform platform = await Platform.CreateAsync(
            Parcel.Catalog(stream => asked.ForEach(check => stream.Expect(check.Expect, CheckSeverity.Warn))), time: new FakeTimeProvider(Now));
        List<Placed> counted = Append(platform, random, rows: seed == 4 ? 0 : 60);

        RunResult result = await platform.RecomputeAsync();

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        IReadOnlyList<CheckResult> found = [.. result.Report!.Checks.TakeLast(asked.Count)];
        for (int i = 0; i < asked.Count; i++)
        {
            List<Placed> failing = asked[i].Failing(counted);
            (bool isMet, double? observed) = asked[i].Judge(counted, failing);
            CheckResult check = found[i];
            string because = $"seed {seed}, {check.Name}, check {i}: {check.Message}";
            Assert.True(isMet == (check.Verdict == CheckVerdict.Passed), because);
            Assert.True(observed is null ? check.Observed is null : Math.Abs(observed.Value - check.Observed!.Value) < 1e-9, $"{because} oracle {observed}");
            if (isMet)
            {
                Assert.Empty(check.SampleRows);
                continue;
            }

            IReadOnlyList<(int, long)> samples = [.. check.SampleRows.Select(Position)];
            Assert.True(samples.All(sample => failing.Any(row => (row.Partition, row.Offset) == sample)), because);
            Assert.True(samples.Distinct().Count() == Math.Min(5, failing.Count), because);
        }
    }

    private static List<Asked> Ask(Random random)
    {
        string?[] some = [.. Texts.Where(text => text is not null && random.Next(3) > 0)];
        decimal?[] prices = [.. Prices.Where(price => price is not null && random.Next(2) > 0).Append(7m)];
        string pattern = new[] { "[A-Z]{3}", "(?i)abc|xyz", ".*", "Ü.ü", "a.b|[^a]*", "(a|aa)*b?" }[random.Next(6)];
        Regex regex = new($"^(?:{pattern})\\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        double share = random.NextDouble();
        DateTimeOffset late = Parcel.Day.AddMinutes(random.Next(3_000));
        return
        [
            new(e => e.RowCount(20, 50), NoRows, (rows, _) => (rows.Count is >= 20 and <= 50, rows.Count)),
            Complete(e => e.Completeness(p => p.Code, share), share, p => p.Code is not null),
            Complete(e => e.Completeness(p => p.To!.City, share), share, p => p.To?.City is not null),
            Complete(e => e.Completeness(p => p.Tags, 1), 1, p => p.Tags is not null),
            Complete(e => e.Completeness(p => p.Hostile, 0.99), 0.99, p => p.Hostile is not null),
            Unique(e => e.Uniqueness(p => p.Code), p => p.Code is null ? null : p.Code),
            Unique(e => e.Uniqueness(p => new { p.Size, p.Price, p.To!.City }), p =>
                p is { Size: { } size, Price: { } price, To.City: { } city } ? (size, price, city) : null),
            Unique(e => e.Uniqueness(p => p.Id), p => p.Id),
            Each(e => e.Range(p => p.Weight, 1.10m, 2.5m), p => p.Weight is < 1.10m or > 2.5m),
            Each(e => e.Range(p => p.Price, 0m, 1.1m), p => p.Price is < 0m or > 1.1m),
            Each(e => e.Range(p => p.Count, -2, 7), p => p.Count is < -2 or > 7),
            Each(e => e.Range(p => p.Ratio, 0.25, 0.75), p => p.Ratio is < 0.25 or > 0.75),
            Each(e => e.Range(p => p.To!.Floor, 0, 3), p => p.To?.Floor is < 0 or > 3),
            Each(e => e.Range(p => p.At, Parcel.Day, late), p => p.At < Parcel.Day || p.At > late),
            Each(e => e.AllowedValues(p => p.Code, some), p => p.Code is not null && !some.Contains(p.Code, StringComparer.Ordinal)),
            Each(e => e.AllowedValues(p => p.Hostile, some), p => p.Hostile is not null && !some.Contains(p.Hostile, StringComparer.Ordinal)),
            Each(e => e.AllowedValues(p => p.To!.City, some), p => p.To?.City is not null && !some.Contains(p.To.City, StringComparer.Ordinal)),
            Each(e => e.AllowedValues(p => p.Size, Size.Large), p => p.Size is Size.Small),
            Each(e => e.AllowedValues(p => p.Price, prices), p => p.Price is not null && !prices.Contains(p.Price)),
            Each(e => e.AllowedValues(p => p.Count, 1, 2, 3, -1), p => p.Count is not (null or 1 or 2 or 3 or -1)),
            Each(e => e.AllowedValues(p => p.Fragile, true), p => !p.Fragile),
            Each(e => e.AllowedValues(p => p.Due, new DateOnly(2024, 5, 9)), p => p.Due is { } due && due != new DateOnly(2024, 5, 9)),
            Each(e => e.AllowedValues(p => p.At, Parcel.Day.AddMinutes(7)), p => p.At != Parcel.Day.AddMinutes(7)),
            Each(e => e.Pattern(p => p.Code, pattern), p => p.Code is not null && !regex.IsMatch(p.Code)),
            Each(e => e.Pattern(p => p.To!.City, "[a-z]+"), p => p.To?.City is { } city && !(city.Length > 0 && city.All(char.IsAsciiLetterLower))),
            new(e => e.Freshness(TimeSpan.FromHours(10)),
                rows => rows.Count == 0 ? [] : [.. rows.Where(row => row.Parcel.At == rows.Max(other => other.Parcel.At))],
                (rows, _) => rows.Count == 0
                    ? (false, null)
                    : (Now - rows.Max(row => row.Parcel.At) <= TimeSpan.FromHours(10), (Now - rows.Max(row => row.Parcel.At)).TotalSeconds)),
            Each(e => e.Sql("small and fragile", "SELECT * FROM events WHERE fragile AND size = 'Small' -- comment"), p => p is { Fragile: true, Size: Size.Small })
                with { AddsUp = false },
        ];
    }

    internal static Asked Each(Func<Expectations<Parcel>, Expectation> expect, Func<Parcel, bool> fails) => new(
        expect, rows => [.. rows.Where(row => fails(row.Parcel))], (_, failing) => (failing.Count == 0, failing.Count));

    internal static Asked Complete(Func<Expectations<Parcel>, Expectation> expect, double atLeast, Func<Parcel, bool> has) => new(
        expect,
        rows => [.. rows.Where(row => !has(row.Parcel))],
        (rows, failing) =>
        {
            double share = rows.Count == 0 ? 1 : (double)(rows.Count - failing.Count) / rows.Count;
            return (share >= atLeast, share);
        });

    internal static Asked Unique(Func<Expectations<Parcel>, Expectation> expect, Func<Parcel, object?> key) => new(
        expect,
        rows => [.. rows.Where(row => key(row.Parcel) is { } own && rows.Any(other => other != row && own.Equals(key(other.Parcel))))],
        (rows, _) =>
        {
            List<object> keys = [.. rows.Select(row => key(row.Parcel)).OfType<object>()];
            int repeats = keys.Count - keys.Distinct().Count();
            return (repeats == 0, repeats);
        })
    {
        AddsUp = false,
    };

    internal static List<Placed> NoRows(IReadOnlyList<Placed> rows) => [];

    /// <summary>Appends random parcels with repetitions and refused ones among them, and returns those that count.</summary>
    private static List<Placed> Append(Platform platform, Random random, int rows)
    {
        List<Placed> counted = [];
        for (int i = 0; i < rows; i++)
        {
            int partition = random.Next(Orders.Partitions);
            Parcel parcel = new(
                new Guid(i, 0, 0, new byte[8]), Parcel.Day.AddMinutes(random.Next(2_500)).AddMicroseconds(random.Next(3)), Pick(random, Texts),
                Pick<Size?>(random, [Size.Small, Size.Large, null]), random.Next(4) / 2m * 1.10m, Pick(random, Prices), random.NextDouble() - 0.1,
                random.Next(5) == 0 ? null : random.Next(-5, 12), random.Next(2) == 0, random.Next(3) == 0 ? null : new DateOnly(2024, 5, 7 + random.Next(3)),
                random.Next(4) == 0 ? null : new Place(Pick(random, Texts), random.Next(3) == 0 ? null : random.Next(-1, 5)), Pick(random, Texts),
                random.Next(4) == 0 ? null : ["x"]);
            long offset = platform.Append(partition, parcel.ToJson());
            if (parcel.Ratio >= 0)
            {
                counted.Add(new Placed(partition, offset, parcel));
            }

            if (random.Next(6) == 0)
            {
                platform.Append(partition, parcel.ToJson());
            }
        }

        return counted;
    }

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];

    private static (int, long) Position(string row)
    {
        using JsonDocument document = JsonDocument.Parse(row);
        return (document.RootElement.GetProperty("_partition").GetInt32(), document.RootElement.GetProperty("_offset").GetInt64());
    }

    internal sealed record Placed(int Partition, long Offset, Parcel Parcel);

    internal sealed record Asked(
        Func<Expectations<Parcel>, Expectation> Expect,
        Func<IReadOnlyList<Placed>, List<Placed>> Failing,
        Func<IReadOnlyList<Placed>, IReadOnlyList<Placed>, (bool IsMet, double? Observed)> Judge)
    {
        /// <summary>Whether what is found of all events follows from what is found of each date.</summary>
        public bool AddsUp { get; init; } = true;
    }
}
