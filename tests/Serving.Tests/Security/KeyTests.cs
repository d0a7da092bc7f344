using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Lambda.Serving.Security;
using Lambda.Serving.Tests.Running;
using Microsoft.AspNetCore.Routing;

namespace Lambda.Serving.Tests.Security;

/// <summary>Who may do what, when there are keys.</summary>
public sealed class KeyTests : IClassFixture<KeyTests.Guarded>
{
    private static readonly string Event = JsonSerializer.Serialize(Sample.Flight(1, "ATL", 10, 5), JsonSerializerOptions.Web);

    private readonly Guarded _guarded;

    public KeyTests(Guarded guarded) => _guarded = guarded;

    [Theory]
    [InlineData("GET", "/", 401, 200, 403, 200)]
    [InlineData("GET", "/docs/", 401, 200, 403, 200)]
    [InlineData("GET", "/openapi/v1.json", 401, 200, 403, 200)]
    [InlineData("GET", "/api/views", 401, 200, 403, 200)]
    [InlineData("GET", "/api/views/delays", 401, 200, 403, 200)]
    [InlineData("GET", "/api/views/nothing", 401, 404, 403, 404)]
    [InlineData("GET", "/api/quarantine", 401, 200, 403, 200)]
    [InlineData("POST", "/api/streams/flights/events", 401, 403, 202, 202)]
    [InlineData("POST", "/api/batch/runs", 401, 403, 403, 202)]
    [InlineData("POST", "/api/streams/flights/gaps", 401, 403, 403, 400)]
    [InlineData("DELETE", "/api/streams/flights/replays/1", 401, 403, 403, 404)]
    [InlineData("GET", "/nothing", 404, 404, 404, 404)]
    public async Task A_role_allows_what_it_is_for(string method, string path, int unknown, int query, int ingest, int admin)
    {
        Assert.Equal((HttpStatusCode)unknown, await StatusAsync(method, path, null));
        Assert.Equal((HttpStatusCode)query, await StatusAsync(method, path, Bearer(_guarded.Query)));
        Assert.Equal((HttpStatusCode)ingest, await StatusAsync(method, path, Bearer(_guarded.Ingest)));
        Assert.Equal((HttpStatusCode)admin, await StatusAsync(method, path, Bearer(_guarded.Admin)));
    }

    /// <summary>So that none is added without anybody asking who may call it.</summary>
    [Fact]
    public void Every_endpoint_asks_for_a_role_and_those_that_change_something_for_more_than_queries()
    {
        Assert.True(_guarded.App.Endpoints.Count > 26);
        Assert.All(_guarded.App.Endpoints, endpoint =>
        {
            ApiRoles role = Assert.Single(endpoint.Metadata.GetOrderedMetadata<RequiredRole>()).Role;
            IReadOnlyList<string> methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods;
            Assert.Equal(methods.All(method => method is "GET" or "HEAD"), role == ApiRoles.Query);
            Assert.Equal(((RouteEndpoint)endpoint).RoutePattern.RawText!.EndsWith("/events", StringComparison.Ordinal), role == ApiRoles.Ingest);
        });
    }

    [Fact]
    public async Task Browsers_are_asked_for_a_password_which_is_the_key_whatever_the_name()
    {
        using HttpResponseMessage refused = await SendAsync("GET", "/", null);

        Assert.Equal("Basic realm=\"lambda\", charset=\"UTF-8\"", refused.Headers.WwwAuthenticate.First().ToString());
        Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.Last().ToString());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("GET", "/", Basic($":{_guarded.Query}")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("GET", "/", Basic($"Zoë:{_guarded.Query}")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("GET", "/", Basic($"{_guarded.Query}:")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("GET", "/", Basic(_guarded.Query)));
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer lk_no-such-key")]
    [InlineData("Basic")]
    [InlineData("Basic %%%")]
    [InlineData("Basic gICA")]
    [InlineData("Digest username=\"x\"")]
    [InlineData(",,,")]
    public async Task What_is_no_known_key_is_refused_with_what_to_send(string header)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/views");
        request.Headers.TryAddWithoutValidation("Authorization", header);

        using HttpResponseMessage response = await _guarded.App.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        string detail = (await ProblemAsync(response)).GetProperty("detail").GetString()!;
        Assert.StartsWith("The key that was sent is none of this server's. Send one as 'Authorization: Bearer KEY'", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_do_something_is_told_what_it_takes()
    {
        using HttpResponseMessage response = await SendAsync("POST", "/api/batch/runs", Bearer(_guarded.Ingest));

        Assert.Equal(
            "This takes a key with role 'admin', which key 'checkout' does not have. Use another one, or give it the role by setting ApiKeys:checkout:Roles.",
            (await ProblemAsync(response)).GetProperty("detail").GetString());
    }

    /// <summary>A browser sends the password of a site along whoever made the request.</summary>
    [Fact]
    public async Task A_key_does_not_help_a_page_of_another_site()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/api/batch/runs") { Content = Body() };
        request.Headers.Authorization = Basic($":{_guarded.Admin}");
        request.Headers.Add("Sec-Fetch-Site", "cross-site");

        using HttpResponseMessage response = await _guarded.App.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("another origin", (await ProblemAsync(response)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_host_is_taken_where_callers_are_known()
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/views");
        request.Headers.Authorization = Bearer(_guarded.Query);
        request.Headers.Host = "lambda.example.org";

        using HttpResponseMessage response = await _guarded.App.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task The_description_of_the_api_says_that_it_takes_a_key()
    {
        using HttpResponseMessage response = await SendAsync("GET", "/openapi/v1.json", Bearer(_guarded.Query));

        JsonElement document = await ProblemAsync(response);

        Assert.Equal("bearer", document.GetProperty("components").GetProperty("securitySchemes").GetProperty("ApiKey").GetProperty("scheme").GetString());
        Assert.True(document.GetProperty("security")[0].TryGetProperty("ApiKey", out _));
    }

    [Theory]
    [InlineData("", ApiRoles.Query, null)]
    [InlineData("a", ApiRoles.None, null)]
    [InlineData("a", (ApiRoles)8, null)]
    [InlineData("a", ApiRoles.Query, "lk_the-key-itself")]
    [InlineData("a", ApiRoles.Query, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg")]
    public void A_key_has_a_name_a_role_and_a_hash_and_what_is_none_is_not_repeated(string name, ApiRoles roles, string? hash)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => new ApiKey(name, roles, hash ?? new string('0', 64)));

        Assert.DoesNotContain("lk_the-key-itself", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_key_is_another_and_known_by_its_hash_in_any_case()
    {
        (ApiKey one, string secret) = ApiKey.Generate("a", ApiRoles.Query);
        (ApiKey other, string otherSecret) = ApiKey.Generate("a", ApiRoles.Query);

        Assert.NotEqual(secret, otherSecret);
        Assert.NotEqual(one.Sha256, other.Sha256);
        Assert.Matches("^lk_[A-Za-z0-9_-]{43}$", secret);
        Assert.Equal(one, new ApiKey("a", ApiRoles.Query, one.Sha256.ToUpperInvariant()));
    }

    [Fact]
    public async Task One_key_for_two_callers_is_refused_at_the_start()
    {
        (ApiKey key, _) = ApiKey.Generate("a", ApiRoles.Query);

        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => ServingApp.StartAsync(options =>
        {
            options.Keys.Add(key);
            options.Keys.Add(new ApiKey("b", ApiRoles.Admin, key.Sha256));
        }));

        Assert.Contains("Keys 'a' and 'b' are the same key.", error.Message, StringComparison.Ordinal);
    }

    private static AuthenticationHeaderValue Bearer(string secret) => new("Bearer", secret);

    private static AuthenticationHeaderValue Basic(string pair) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));

    private static StringContent Body(string json = "{}") => new(json, Encoding.UTF8, "application/json");

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage response)
    {
        using JsonDocument document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return document.RootElement.Clone();
    }

    private async Task<HttpStatusCode> StatusAsync(string method, string path, AuthenticationHeaderValue? key)
    {
        using HttpResponseMessage response = await SendAsync(method, path, key);
        return response.StatusCode;
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, AuthenticationHeaderValue? key)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        request.Content = method == "POST" ? Body(path.EndsWith("/events", StringComparison.Ordinal) ? Event : "{}") : null;
        request.Headers.Authorization = key;
        return await _guarded.App.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>A server with a key of each role.</summary>
    public sealed class Guarded : IAsyncLifetime
    {
        internal ServingApp App { get; private set; } = null!;

        internal string Query { get; private set; } = "";

        internal string Ingest { get; private set; } = "";

        internal string Admin { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            (ApiKey query, Query) = ApiKey.Generate("grafana", ApiRoles.Query);
            (ApiKey ingest, Ingest) = ApiKey.Generate("checkout", ApiRoles.Ingest);
            (ApiKey admin, Admin) = ApiKey.Generate("alice", ApiRoles.Admin);
            App = await ServingApp.StartAsync(options =>
            {
                foreach (ApiKey key in (ApiKey[])[query, ingest, admin])
                {
                    options.Keys.Add(key);
                }
            });
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
