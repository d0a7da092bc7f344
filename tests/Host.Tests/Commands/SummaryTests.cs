using Lambda.Definition;
using Lambda.Host.Tests.Support;
using Lambda.Hosting;
using Lambda.Hosting.Commands;
using Lambda.Windows;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Lambda.Host.Tests.Commands;

public sealed class SummaryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Rows were asked for by the first aggregate, whatever it was, and the refusal ended the program, servers with files to begin with too.</summary>
    [Fact]
    public async Task Views_whose_first_aggregate_or_every_one_has_no_order_are_summed_up_too()
    {
        StreamBuilder<Visit> visits = new StreamBuilder<Visit>("visits").EventTime(visit => visit.Time);
        visits.View("pages").Window(AllTime.Window).Aggregate(a => new { Top = a.TopK(visit => visit.Page, 3), Visits = a.Count() });
        visits.View("lists").Window(AllTime.Window).Aggregate(a => new { Top = a.TopK(visit => visit.Page, 3) });
        Application application = new("visits-app", Catalog.Build([visits]), [], new ConfigurationManager());

        int exitCode = await new CommandLine(application).RunAsync(["run", "--once", "--data", _folder.Data], TestContext.Current.CancellationToken);

        Assert.Equal(0, exitCode);
    }

    private sealed record Visit(DateTime Time, string Page);
}
