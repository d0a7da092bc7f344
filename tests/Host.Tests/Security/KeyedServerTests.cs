using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Lambda.Definition;
using Lambda.Host.Tests.Support;
using Lambda.Hosting;
using Lambda.Hosting.Client;
using Lambda.Hosting.Commands;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Settings;
using Lambda.Serving.Security;
using Lambda.Windows;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Xunit;
using CommandSession = Lambda.Hosting.Client.Session;

namespace Lambda.Host.Tests.Security;

/// <summary>A process with keys, as callers and commands meet it.</summary>
public sealed class KeyedServerTests(KeyedServerTests.Keyed keyed) : IClassFixture<KeyedServerTests.Keyed>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/", 401, 200)]
    [InlineData("GET", "/api/streams", 401, 200)]
    [InlineData("GET", "/metrics", 401, 200)]
    [InlineData("GET", "/hangfire", 401, 403)]
    [InlineData("GET", "/hangfire/streams", 401, 403)]
    [InlineData("POST", "/hangfire/batch-commands/recompute/guarded-visits", 401, 403)]
    [InlineData("GET", "/internal/streams/guarded-visits/history/", 401, 200)]
    [InlineData("POST", "/internal/streams/guarded-visits/history/compact", 401, 403)]
    [InlineData("POST", "/internal/streams/guarded-visits/history/delete", 401, 403)]
    [InlineData("POST", "/internal/streams/guarded-visits/records", 401, 403)]
    [InlineData("GET", "/health/live", 200, 200)]
    [InlineData("GET", "/health/ready?parts=store", 200, 200)]
    [InlineData("GET", "/shop", 200, 200)]
    public async Task Nobody_without_a_key_gets_anything_but_health_and_the_application_s_own_pages(string method, string path, int unknown, int query)
    {
        Assert.Equal((HttpStatusCode)unknown, await StatusAsync(method, path, null));
        Assert.Equal((HttpStatusCode)query, await StatusAsync(method, path, keyed.Query));
    }

    [Fact]
    public async Task An_admin_reaches_the_dashboard_by_any_address_of_the_machine()
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(keyed.Address, "/hangfire/streams"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"alice:{keyed.Admin}")));
        request.Headers.Host = "lambda.example.org";
        using HttpClient http = new();

        using HttpResponseMessage response = await http.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("guarded-visits", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_beside_the_server_need_no_key_of_their_own()
    {
        await using CommandSession session = await OpenAsync(server: null, key: null);

        Assert.Null(session.Own);
        Assert.Equal("guarded-visits", (await session.Api.GetAsync("api/streams", Cancellation)).GetProperty("streams")[0].GetProperty("stream").GetString());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(keyed.Data, "owner.json")));
        }
    }

    [Fact]
    public async Task Commands_elsewhere_are_known_by_the_setting()
    {
        await using CommandSession known = await OpenAsync(keyed.Address, keyed.Query);
        await using CommandSession wrong = await OpenAsync(keyed.Address, "lk_wrong");
        await using CommandSession unknown = await OpenAsync(keyed.Address, key: null);

        Assert.Equal(1, (await known.Api.GetAsync("api/streams", Cancellation)).GetProperty("streams").GetArrayLength());
        CommandException refused = await Assert.ThrowsAsync<CommandException>(() => unknown.Api.GetAsync("api/streams", Cancellation));
        Assert.Equal(ExitCodes.Failed, refused.ExitCode);
        Assert.Contains("This server asks callers for a key. ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("commands by the setting ApiKey", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<CommandException>(() => wrong.Api.GetAsync("api/streams", Cancellation));
        Assert.Contains("none of this server's", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<CommandException>(() => known.Api.PostAsync("api/batch/runs", new { }, Cancellation));
        Assert.Contains("This takes a key with role 'admin', which key 'grafana' does not have.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_process_itself_needs_no_key()
    {
        using ApiClient api = new(keyed.Platform.CreateClient());

        Assert.Equal(1, (await api.GetAsync("api/streams", Cancellation)).GetProperty("streams").GetArrayLength());
    }

    private async Task<CommandSession> OpenAsync(Uri? server, string? key)
    {
        Application application = keyed.Application with { Configuration = Keyed.Configuration(("ApiKey", key)) };
        HostSettings settings = HostSettings.Read(application, new GivenSettings { Data = keyed.Data, Server = server?.ToString() });
        return await CommandSession.OpenAsync(application, settings, PlatformRole.Read, "test", Cancellation);
    }

    private async Task<HttpStatusCode> StatusAsync(string method, string path, string? key)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), new Uri(keyed.Address, path));
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false }, disposeHandler: true);
        using HttpResponseMessage response = await http.SendAsync(request, Cancellation);
        return response.StatusCode;
    }

    /// <summary>A server with a key for queries and one for everything, and a page of the application's own.</summary>
    public sealed class Keyed : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();
        private DataFolder? _data;
        private Platform? _platform;

        internal string Query { get; private set; } = "";

        internal string Admin { get; private set; } = "";

        internal string Data => _folder.Data;

        internal Uri Address => Platform.Address!;

        internal Platform Platform => _platform!;

        internal Application Application { get; private set; } = null!;

        internal static ConfigurationManager Configuration(params (string Name, string? Value)[] settings)
        {
            ConfigurationManager configuration = new();
            configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"Lambda:{setting.Name}", setting.Value)));
            return configuration;
        }

        public async ValueTask InitializeAsync()
        {
            StreamBuilder<Visit> visits = new StreamBuilder<Visit>("guarded-visits").EventTime(v => v.Time).EventId(v => v.Id);
            visits.View("by_page").GroupBy(v => v.Page).Window(Tumbling.Every(TimeSpan.FromMinutes(1))).Aggregate(a => new { Visits = a.Count() });
            (ApiKey query, Query) = ApiKey.Generate("grafana", ApiRoles.Query);
            (ApiKey admin, Admin) = ApiKey.Generate("alice", ApiRoles.Admin);
            Application = new Application(
                "guarded-app",
                Catalog.Build([visits]),
                [],
                Configuration(
                    ("ApiKeys:grafana:Roles", "query"), ("ApiKeys:grafana:Sha256", query.Sha256),
                    ("ApiKeys:alice:Roles", "admin"), ("ApiKeys:alice:Sha256", admin.Sha256)))
            {
                Web = [new WebPart(_ => { }, web => web.MapGet("/shop", () => "open"))],
            };
            HostSettings settings = HostSettings.Read(Application, new GivenSettings { Data = Data, Urls = "http://0.0.0.0:0" });
            _data = DataFolder.Open(settings.DataFolder, "run");
            _platform = await Platform.StartAsync(Application, settings, _data, PlatformRole.Serve, Cancellation);
            _data.Announce(_platform.Address!, _platform.LocalKey);
        }

        public async ValueTask DisposeAsync()
        {
            if (_platform is not null)
            {
                await _platform.DisposeAsync();
            }

            _data?.Dispose();
            _folder.Dispose();
        }
    }
}
