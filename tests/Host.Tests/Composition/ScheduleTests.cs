using Hangfire;
using Hangfire.Storage;
using Lambda.Definition;
using Lambda.Host.Tests.Support;
using Lambda.Hosting;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Settings;
using Lambda.Windows;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Lambda.Host.Tests.Composition;

public sealed class ScheduleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    /// <summary>A stream's own schedule was kept by every command: 'batch run --dry-run' and 'ingest' published what came due while they were at work.</summary>
    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 5)]
    public async Task Only_a_process_that_serves_keeps_schedules(bool isServer, int schedules)
    {
        PlatformRole role = isServer ? PlatformRole.Serve : PlatformRole.Work;
        StreamBuilder<Visit> visits = new StreamBuilder<Visit>("visits").EventTime(visit => visit.Time).RecomputeEvery("* * * * *");
        visits.View("all").Window(AllTime.Window).Aggregate(a => new { Visits = a.Count() });
        Application application = new("visits-app", Catalog.Build([visits]), [], new ConfigurationManager());
        HostSettings settings = HostSettings.Read(application, new GivenSettings { Data = _folder.Data, Urls = "http://127.0.0.1:0" });
        using DataFolder folder = DataFolder.Open(settings.DataFolder, "test");
        await using Storage storage = await Storage.OpenAsync(application.Catalog, settings, folder, role, NullLoggerFactory.Instance, Cancellation);
        await using WebApplication web = WebComposition.Build(application, settings, folder, storage, new InProcessTransport(), role);

        await web.StartAsync(Cancellation);

        using IStorageConnection jobs = web.Services.GetRequiredService<JobStorage>().GetConnection();
        Assert.Equal(schedules, jobs.GetRecurringJobs().Count(job => job.NextExecution is not null));
        await web.StopAsync(CancellationToken.None);
    }
}
