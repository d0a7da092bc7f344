using Lambda.Host.Tests.Support;
using Xunit;

namespace Lambda.Host.Tests.Flights;

/// <summary>The flights sample, run once over its real data; the tests look at what it left.</summary>
public sealed class MainJob : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public string Data => _folder.Data;

    internal Ended First { get; private set; } = new(0, "", "");

    public async ValueTask InitializeAsync() => First = (await Cli.FlightsAsync("--once", "--data", Data)).MustSucceed();

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
