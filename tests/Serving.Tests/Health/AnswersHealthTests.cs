using Lambda.Definition;
using Lambda.Health;
using Lambda.Serving.Health;
using Lambda.Serving.Tests.Running;
using Lambda.Store;
using Lambda.Windows;

namespace Lambda.Serving.Tests.Health;

/// <summary>What readiness says of views whose definition has changed.</summary>
public sealed class AnswersHealthTests
{
    private static readonly Catalog Hours = Sample.CatalogOf(Tumbling.Every(TimeSpan.FromHours(1)));
    private static readonly Catalog Days = Sample.CatalogOf(Tumbling.Every(TimeSpan.FromDays(1)));

    [Theory]
    [InlineData(nameof(HealthState.NotReady))]
    [InlineData(nameof(HealthState.Degraded))]
    public async Task A_changed_view_is_not_whole_until_a_generation_holds_it_and_says_that_the_version_before_is(string stateMeanwhile)
    {
        HealthState whileReplacing = Enum.Parse<HealthState>(stateMeanwhile);
        await using ServingApp app = await ServingApp.StartAsync(Hours);
        Layers before = app.Layers;
        Assert.Equal((HealthState.Ready, null), await CheckAsync(app, Hours, whileReplacing));
        await before.SpeedAsync(EpochEnd.Seal, Sample.Flight(0, "ATL", 10, 5), Sample.Flight(1, "ATL", 70, 5));
        await before.PublishAsync(2, [0, 1], [], [], []);
        await before.SpeedAsync(EpochEnd.Seal, Sample.Flight(2, "ATL", 80, 5));
        Assert.Equal((HealthState.Ready, null), await CheckAsync(app, Hours, whileReplacing));

        Layers after = new(Days, app.Store, app.Log);
        await after.RegisterAsync();

        (HealthState state, string? reason) = await CheckAsync(app, Days, whileReplacing);
        Assert.Equal(whileReplacing, state);
        Assert.Contains("from offsets [3] on, and generation 1, which serves, holds another definition of it", reason, StringComparison.Ordinal);
        Assert.Contains("let them serve meanwhile", reason, StringComparison.Ordinal);

        // One that ends before the version begins leaves a gap, but nothing better is published any more.
        await after.PublishAsync(2, [], [], [], []);
        (state, reason) = await CheckAsync(app, Days, whileReplacing);
        Assert.Equal(HealthState.Degraded, state);
        Assert.Contains("covers it up to [2] only", reason, StringComparison.Ordinal);
        await after.PublishAsync(3, [], [], [], []);
        Assert.Equal((HealthState.Ready, null), await CheckAsync(app, Days, whileReplacing));
    }

    [Fact]
    public async Task A_view_that_is_new_and_has_no_version_before_is_served_as_far_as_it_goes()
    {
        await using ServingApp app = await ServingApp.StartAsync(Hours);
        await app.Layers.SpeedAsync(EpochEnd.Seal, Sample.Flight(0, "ATL", 10, 5));
        await new Layers(Days, app.Store, app.Log).RegisterAsync();

        (HealthState state, string? reason) = await CheckAsync(app, Days, HealthState.NotReady);

        Assert.Equal(HealthState.Degraded, state);
        Assert.Contains("Run the batch layer", reason, StringComparison.Ordinal);
    }

    private static async Task<(HealthState State, string? Reason)> CheckAsync(ServingApp app, Catalog catalog, HealthState whileReplacing)
    {
        PartHealth health = await new AnswersHealth(catalog, app.Store, whileReplacing).CheckAsync(TestContext.Current.CancellationToken);
        ItemHealth item = Assert.Single(health.Items);
        Assert.Equal((Sample.View, health.State), (item.Name, item.State));
        return (item.State, item.Reason);
    }
}
