using Lambda.Host.Tests.Support;
using Lambda.Hosting;
using Lambda.Hosting.Commands;
using Xunit;

namespace Lambda.Host.Tests.Ingest;

/// <summary>
/// Root cause of the case: the event type was held against the history only when the batch layer ran, so that a type that did not fit had its
/// events quarantined one by one, and the command said that all was well.
/// </summary>
public sealed class EventTypeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task An_event_type_that_no_longer_fits_the_history_is_refused_before_any_event_is_taken()
    {
        string file = _folder.Write("events.ndjson", """{"at":"2001-01-01T00:00:00Z","amount":1}""" + "\n");

        Assert.Equal(ExitCodes.Ok, await IngestAsync(file, app => app.Stream<WholeAmount>("payments").EventTime(e => e.At)));
        Assert.Equal(ExitCodes.Failed, await IngestAsync(file, app => app.Stream<TextAmount>("payments").EventTime(e => e.At)));
        Assert.Equal(ExitCodes.Ok, await IngestAsync(file, app => app.Stream<WholeAmount>("payments").EventTime(e => e.At)));
    }

    public void Dispose() => _folder.Dispose();

    private Task<int> IngestAsync(string file, Action<LambdaApplicationBuilder> declare)
    {
        LambdaApplicationBuilder app = LambdaApplication.CreateBuilder(["ingest", file, "--data", _folder.Data]);
        declare(app);
        return app.Build().RunAsync();
    }

    private sealed record WholeAmount(DateTime At, long Amount);

    private sealed record TextAmount(DateTime At, string Amount);
}
