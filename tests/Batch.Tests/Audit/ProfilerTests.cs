using System.Globalization;
using Lambda.Batch.Audit.Profile;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Jobs;
using Lambda.Store;

namespace Lambda.Batch.Tests.Audit;

public class ProfilerTests
{
    [Fact]
    public async Task Figures_of_a_profile_are_those_of_the_rows()
    {
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(_ => { }));
        for (int i = 0; i < 200; i++)
        {
            platform.Append(i % Orders.Partitions, (Parcel.Of(i) with
            {
                Weight = i / 2m,
                Count = i % 4 == 0 ? null : i,
                Code = $"C-{i:D3}",
                Price = 1.10m,
                To = i % 2 == 0 ? new Place($"'; DROP VIEW events; --{i % 3}", null) : null,
            }).ToJson());
        }

        using BatchStreams streams = new(
            platform.Catalog, platform.Log, platform.Store, new LocalObjectStorage(Path.Combine(platform.Folder, "history")), TimeProvider.System);
        using StreamProfiler profiler = new(streams, new(platform.Log, platform.Store, Platform.Options, TimeProvider.System, platform.Metrics), platform.Engines, Platform.Options);
        StreamProfile profile = await profiler.ProfileAsync(Orders.Stream, TestContext.Current.CancellationToken);

        Assert.Equal(200, profile.Rows);
        ColumnProfile weight = Column(profile, "weight");
        Assert.Equal(("0", "99.5", 49.75), (weight.Minimum, weight.Maximum, weight.Mean));
        Assert.Equal(28.93959, weight.StandardDeviation!.Value, 5);
        Assert.Equal(49.75, weight.Quantiles.Single(quantile => quantile.Share == 0.5).Value, 1);
        Assert.Equal((0.25, "1", "199"), (Column(profile, "count").NullShare, Column(profile, "count").Minimum, Column(profile, "count").Maximum));
        Assert.Equal([new FrequentValue("1.1", 200)], Column(profile, "price").MostFrequent);
        Assert.Equal("2024-05-04T03:19:00Z", Column(profile, "at").Maximum);
        Assert.Equal((0.5, 3L), (Column(profile, "to.city").NullShare, Column(profile, "to.city").DistinctValues));
        Assert.Equal(["'; DROP VIEW events; --0", "'; DROP VIEW events; --1", "'; DROP VIEW events; --2"],
            Column(profile, "to.city").MostFrequent.Select(value => value.Value).Order(StringComparer.Ordinal));
        Assert.Equal((1.0, 0L), (Column(profile, "to.floor").NullShare, Column(profile, "to.floor").DistinctValues));
        Assert.Equal("C\\-[0-9]{3}", Column(profile, "code").Pattern);
        Assert.Contains(".Expect(e => e.Range(f => f.Weight, 0m, 99.5m))", profile.Proposals);
        Assert.Contains(".Expect(e => e.Uniqueness(f => f.Code))", profile.Proposals);
        Assert.Contains(".Expect(e => e.Pattern(f => f.Code, \"C\\\\-[0-9]{3}\"))", profile.Proposals);
        Assert.Contains(".Expect(e => e.Completeness(f => f.Count, atLeast: 0.75))", profile.Proposals);
        Assert.DoesNotContain(profile.Proposals, line => line.Contains("f.Price,", StringComparison.Ordinal) && line.Contains("Allowed", StringComparison.Ordinal));
    }

    /// <summary>Events that count in nothing were profiled with the others, so that of a share and of a number that data checks do not find were proposed.</summary>
    [Fact]
    public async Task Proposals_pass_on_the_events_that_they_come_from_whatever_is_repeated_or_refused()
    {
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(stream => stream
            .Expect(e => e.RowCount(atLeast: 50))
            .Expect(e => e.Completeness(p => p.Count, atLeast: 0.7))
            .Expect(e => e.Range(p => p.Count, 30, 99))
            .Expect(e => e.Uniqueness(p => p.Code))));
        for (int i = 0; i < 100; i++)
        {
            Parcel parcel = Parcel.Of(i) with { Count = i < 30 ? null : i, Code = $"C-{i:D3}" };
            for (int time = 0; time < (i < 30 ? 1 : 4); time++)
            {
                platform.Append(i % Orders.Partitions, parcel.ToJson());
            }

            platform.Append(0, (Parcel.Of(1_000 + i) with { Ratio = -1, Count = 1_000 }).ToJson());
        }

        using BatchStreams streams = new(
            platform.Catalog, platform.Log, platform.Store, new LocalObjectStorage(Path.Combine(platform.Folder, "history")), TimeProvider.System);
        using StreamProfiler profiler = new(streams, new(platform.Log, platform.Store, Platform.Options, TimeProvider.System, platform.Metrics), platform.Engines, Platform.Options);
        StreamProfile profile = await profiler.ProfileAsync(Orders.Stream, TestContext.Current.CancellationToken);

        Assert.Equal((100, 310), (profile.Rows, profile.LeftOut));
        Assert.Equal(0.3, Column(profile, "count").NullShare);
        Assert.Contains(".Expect(e => e.RowCount(atLeast: 50))", profile.Proposals);
        Assert.Contains(".Expect(e => e.Completeness(f => f.Count, atLeast: 0.7))", profile.Proposals);
        Assert.Equal(("30", "99"), (Column(profile, "count").Minimum, Column(profile, "count").Maximum));
        Assert.Contains(".Expect(e => e.Uniqueness(f => f.Code))", profile.Proposals);
        RunResult result = await platform.RecomputeAsync();
        Assert.All(result.Report!.Checks, check => Assert.True(check.Verdict != CheckVerdict.Failed, check.Message));
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public async Task Long_texts_are_not_proposed_as_a_list(int length, bool isProposed)
    {
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(_ => { }));
        for (int i = 0; i < 60; i++)
        {
            platform.Append(0, (Parcel.Of(i) with { To = new Place(i % 2 == 0 ? new string('x', length) : "short", null) }).ToJson());
        }

        using BatchStreams streams = new(
            platform.Catalog, platform.Log, platform.Store, new LocalObjectStorage(Path.Combine(platform.Folder, "history")), TimeProvider.System);
        using StreamProfiler profiler = new(streams, new(platform.Log, platform.Store, Platform.Options, TimeProvider.System, platform.Metrics), platform.Engines, Platform.Options);
        StreamProfile profile = await profiler.ProfileAsync(Orders.Stream, TestContext.Current.CancellationToken);

        Assert.Equal(isProposed, profile.Proposals.Any(line => line.Contains("AllowedValues(f => f.To!.City", StringComparison.Ordinal)));
        Assert.Equal(2, Column(profile, "to.city").MostFrequent.Count);
    }

    [Theory]
    [InlineData(1e300, 1)]
    [InlineData(double.MaxValue, 12)]
    public async Task Values_too_large_for_sums_leave_out_the_figures_made_of_sums_and_nothing_else(double large, int times)
    {
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(_ => { }));
        for (int i = 0; i < 20; i++)
        {
            platform.Append(0, (Parcel.Of(i) with { Ratio = i < times ? large : 0.25, Count = i }).ToJson());
        }

        using BatchStreams streams = new(
            platform.Catalog, platform.Log, platform.Store, new LocalObjectStorage(Path.Combine(platform.Folder, "history")), TimeProvider.System);
        using StreamProfiler profiler = new(streams, new(platform.Log, platform.Store, Platform.Options, TimeProvider.System, platform.Metrics), platform.Engines, Platform.Options);
        StreamProfile profile = await profiler.ProfileAsync(Orders.Stream, TestContext.Current.CancellationToken);

        ColumnProfile ratio = Column(profile, "ratio");
        Assert.Equal(("0.25", large.ToString("R", CultureInfo.InvariantCulture)), (ratio.Minimum, ratio.Maximum));
        Assert.Equal((null, null), (ratio.Mean, ratio.StandardDeviation));
        Assert.All(ratio.Quantiles, quantile => Assert.InRange(quantile.Value, 0.25, large));
        Assert.Equal(9.5, Column(profile, "count").Mean);
        Assert.Equal(Math.Sqrt(35), Column(profile, "count").StandardDeviation!.Value, 9);
    }

    /// <summary>Decimals of more than 20 digits before the point were passed over as long as any other fitted, and the range that was proposed refused them.</summary>
    [Theory]
    [InlineData("79228162514264337593543950335", "0.5", "-5.55", "-5.55", "79228162514264337593543950335")]
    [InlineData("-79228162514264337593543950335", "0.5", "-5.55", "-79228162514264337593543950335", "0.5")]
    [InlineData("100000000000000000000.10", "99999999999999999999.5", "1", "1", "100000000000000000000.1")]
    [InlineData("-200000000000000000000", "-100000000000000000000", "-900000000000000000000", "-900000000000000000000", "-100000000000000000000")]
    [InlineData("1.00", "1.0", "0.999999999999999999", "0.999999999999999999", "1")]
    public async Task Decimals_too_large_for_18_digits_after_the_point_are_in_their_range(string first, string second, string third, string minimum, string maximum)
    {
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(_ => { }));
        foreach ((int i, string weight) in new[] { first, second, third }.Index())
        {
            platform.Append(0, (Parcel.Of(i) with { Weight = decimal.Parse(weight, CultureInfo.InvariantCulture) }).ToJson());
        }

        using BatchStreams streams = new(
            platform.Catalog, platform.Log, platform.Store, new LocalObjectStorage(Path.Combine(platform.Folder, "history")), TimeProvider.System);
        using StreamProfiler profiler = new(streams, new(platform.Log, platform.Store, Platform.Options, TimeProvider.System, platform.Metrics), platform.Engines, Platform.Options);
        StreamProfile profile = await profiler.ProfileAsync(Orders.Stream, TestContext.Current.CancellationToken);

        ColumnProfile column = Column(profile, "weight");
        Assert.Equal((minimum, maximum), (column.Minimum, column.Maximum));
    }

    [Fact]
    public async Task An_empty_stream_has_a_profile_without_proposals()
    {
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(_ => { }));
        using BatchStreams streams = new(
            platform.Catalog, platform.Log, platform.Store, new LocalObjectStorage(Path.Combine(platform.Folder, "history")), TimeProvider.System);

        using StreamProfiler profiler = new(streams, new(platform.Log, platform.Store, Platform.Options, TimeProvider.System, platform.Metrics), platform.Engines, Platform.Options);
        StreamProfile profile = await profiler.ProfileAsync(Orders.Stream, TestContext.Current.CancellationToken);

        Assert.Equal((0, 15), (profile.Rows, profile.Columns.Count));
        Assert.Empty(profile.Proposals);
    }

    private static ColumnProfile Column(StreamProfile profile, string name) => profile.Columns.Single(column => column.Column == name);
}
