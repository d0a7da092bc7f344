using System.Net;
using Lambda.Definition;
using Lambda.Host.Tests.Support;
using Lambda.Hosting;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Settings;
using Lambda.Log;
using Lambda.Windows;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Lambda.Host.Tests.Composition;

public sealed class RecordEndpointTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // 'ingest' over a server said no more than "An error occurred while processing your request." when the topic was gone.
    [Fact]
    public async Task What_the_log_says_against_an_append_reaches_the_command()
    {
        StreamBuilder<Visit> visits = new StreamBuilder<Visit>("visits").EventTime(v => v.Time).EventId(v => v.Id);
        visits.View("all").Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Visits = a.Count() });
        using TemporaryFolder folder = new();
        Application application = new("visits-app", Catalog.Build([visits]), [], new ConfigurationManager());
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(application.Catalog).AddSingleton<IEventLog>(new GoneLog());
        await using WebApplication app = builder.Build();
        RecordEndpoint.Map(app, HostSettings.Read(application, new GivenSettings { Data = folder.Data }));
        await app.StartAsync(Cancellation);
        using HttpClient client = new() { BaseAddress = new Uri(app.Urls.Single()) };

        using HttpResponseMessage answer = await client.PostAsync(
            new Uri(RecordEndpoint.Path("visits"), UriKind.Relative), new StringContent("{}\n"), Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("The topic is gone.", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    private sealed class GoneLog : IEventLog
    {
        public ValueTask AppendAsync(string stream, RecordBatch records, CancellationToken cancellationToken) =>
            throw new EventLogException("The topic is gone.");

        public ValueTask<int> EnsureStreamAsync(string stream, int partitions, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<int> CountPartitionsAsync(string stream, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask WaitAsync(string stream, int partition, long offset, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<OffsetRange> GetOffsetsAsync(string stream, int partition, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long> FindOffsetAsync(string stream, int partition, DateTimeOffset time, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask TrimAsync(string stream, int partition, long before, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
