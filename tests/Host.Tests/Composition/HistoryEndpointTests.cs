using System.Net;
using System.Reflection;
using System.Text.Json;
using Lambda.Batch;
using Lambda.Definition;
using Lambda.Hosting.Composition;
using Lambda.Store;
using Lambda.Windows;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Lambda.Host.Tests.Composition;

public class HistoryEndpointTests
{
    /// <summary>It was an error without a word of what was wrong.</summary>
    [Fact]
    public async Task A_store_that_does_not_answer_is_told_to_the_command_that_asks()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        StreamBuilder<Visit> visits = new StreamBuilder<Visit>("visits").EventTime(visit => visit.Time);
        visits.View("all").Window(AllTime.Window).Aggregate(a => new { Visits = a.Count() });
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(Catalog.Build([visits])).AddSingleton(TimeProvider.System).AddSingleton(DispatchProxy.Create<IViewStore, Away>());
        await using WebApplication app = builder.Build();
        HistoryEndpoints.Map(app, new BatchOptions());
        await app.StartAsync(cancellation);
        using HttpClient http = new() { BaseAddress = new Uri(app.Urls.Single()) };

        using HttpResponseMessage answer = await http.PostAsync(new Uri(HistoryEndpoints.Path("visits", "adopt"), UriKind.Relative), null, cancellation);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        using JsonDocument problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellation));
        Assert.Equal("The database is away.", problem.RootElement.GetProperty("detail").GetString());
    }

    public class Away : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw new ViewStoreException("The database is away.");
    }

    private sealed record Visit(DateTime Time);
}
