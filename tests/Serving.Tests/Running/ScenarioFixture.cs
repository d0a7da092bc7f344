namespace Lambda.Serving.Tests.Running;

/// <summary>One application with the scenario's data, for tests that only read.</summary>
public sealed class ScenarioFixture : IAsyncLifetime
{
    private ServingApp? _app;

    internal ServingApp App => _app ?? throw new InvalidOperationException("The application has not been started.");

    public async ValueTask InitializeAsync() => _app = await Scenario.StartAsync();

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;
}
