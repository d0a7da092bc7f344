using System.Text.Json.Serialization;
using Lambda.Capture;
using Lambda.Serving.Tests.Capture.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Lambda.Serving.Tests.Capture;

public sealed class RedactionTests
{
    [Theory]
    [InlineData("Authorization")]
    [InlineData("authorization")]
    [InlineData("Cookie")]
    [InlineData("Proxy-Authorization")]
    [InlineData("X-Api-Key")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-CSRF-Token")]
    public async Task Headers_that_hold_secrets_or_tell_who_somebody_is_are_withheld(string header) =>
        Assert.Null(await SeenAsync(_ => { }, request => request.Header(header), http => http.Request.Headers[header] = "secret"));

    [Fact]
    public async Task Set_cookie_of_the_response_is_withheld() => Assert.Null(
        await SeenAsync(_ => { }, request => request.ResponseHeader("Set-Cookie"), http => http.Response.Headers.SetCookie = "session=secret"));

    [Theory]
    [InlineData("token")]
    [InlineData("access_token")]
    [InlineData("PASSWORD")]
    [InlineData("code")]
    public async Task Query_parameters_that_hold_secrets_are_withheld(string name) =>
        Assert.Null(await SeenAsync(_ => { }, request => request.Query(name), http => http.Request.QueryString = new QueryString($"?{name}=secret")));

    [Fact]
    public async Task Other_headers_and_parameters_are_shown_unless_they_are_denied()
    {
        Assert.Equal("de", await SeenAsync(_ => { }, request => request.Header("Accept-Language"), http => http.Request.Headers.AcceptLanguage = "de"));
        Assert.Equal("tea", await SeenAsync(_ => { }, request => request.Query("q"), http => http.Request.QueryString = new QueryString("?q=tea")));
        Assert.Null(await SeenAsync(
            capture => capture.DenyHeaders("accept-language"), request => request.Header("Accept-Language"), http => http.Request.Headers.AcceptLanguage = "de"));
        Assert.Null(await SeenAsync(
            capture => capture.DenyQuery("Q"), request => request.Query("q"), http => http.Request.QueryString = new QueryString("?q=tea")));
    }

    [Fact]
    public async Task What_is_withheld_is_shown_when_it_is_allowed_by_name()
    {
        Assert.Equal("1.2.3.4", await SeenAsync(
            capture => capture.AllowHeaders("x-forwarded-for"),
            request => request.Header("X-Forwarded-For"),
            http => http.Request.Headers["X-Forwarded-For"] = "1.2.3.4"));
        Assert.Equal("x", await SeenAsync(
            capture => capture.AllowQuery("code"), request => request.Query("code"), http => http.Request.QueryString = new QueryString("?code=x")));
    }

    [Fact]
    public async Task Cookies_are_shown_only_by_name()
    {
        Assert.Null(await SeenAsync(_ => { }, request => request.Cookie("visitor"), SetCookies));
        Assert.Equal("ada", await SeenAsync(capture => capture.AllowCookies("visitor"), request => request.Cookie("visitor"), SetCookies));
        Assert.Null(await SeenAsync(capture => capture.AllowCookies("visitor"), request => request.Cookie("session"), SetCookies));

        static void SetCookies(HttpContext http) => http.Request.Headers.Cookie = "visitor=ada; session=secret";
    }

    [Fact]
    public async Task Members_with_such_names_are_left_out_at_any_depth_and_by_the_names_they_have_in_json()
    {
        string json = await WrittenAsync(capture => capture.DenyMembers("mail"));

        Assert.Equal("""{"id":1,"owner":{"name":"Ada"},"cards":[{"kind":"Visa"}]}""", json);
    }

    [Fact]
    public async Task Members_can_be_allowed()
    {
        string json = await WrittenAsync(capture => capture.AllowMembers("password", "cardNumber"));

        Assert.Equal("""{"id":1,"password":"p","owner":{"name":"Ada","mail":"a@b"},"cards":[{"kind":"Visa","cardNumber":"4711"}]}""", json);
    }

    private static async Task<string?> SeenAsync(
        Action<EventCaptureBuilder<Click>> configure, Func<CapturedRequest, string?> read, Action<HttpContext> prepare)
    {
        TestSink sink = new();
        await using CaptureRig rig = await CaptureRig.StartAsync(sink, configure: capture =>
        {
            capture.Map(request => new Click(read(request) ?? "(none)", default, "", "", 0, 0));
            configure(capture);
        });
        rig.Send("/", prepare);
        await sink.TakenAsync(1);
        string seen = CaptureRig.IdOf(sink.Values[0]);
        return seen == "(none)" ? null : seen;
    }

    private static async Task<string> WrittenAsync(Action<EventCaptureBuilder<Account>> configure)
    {
        TestSink sink = new();
        ServiceCollection services = new();
        services.AddEventCapture<Account>("accounts", capture =>
        {
            capture.To(_ => sink).Limits(CaptureRig.Quick).Map(_ => new Account(1, "p", new Owner("Ada", "a@b"), [new Card("Visa", "4711")]));
            configure(capture);
        });
        await using ServiceProvider provider = services.BuildServiceProvider();
        ApplicationBuilder app = new(provider);
        app.UseEventCapture();
        app.Run(_ => Task.CompletedTask);
        EventCaptures captures = provider.GetRequiredService<EventCaptures>();
        await ((IHostedService)captures).StartAsync(TestContext.Current.CancellationToken);
        Assert.Single(captures.Pipelines).Capture(new CapturedRequest(new DefaultHttpContext(), TimeProvider.System));
        await sink.TakenAsync(1);
        return sink.Values[0];
    }

    private sealed record Account(int Id, string Password, Owner Owner, Card[] Cards);

    private sealed record Owner(string Name, [property: JsonPropertyName("mail")] string Address);

    private sealed record Card(string Kind, [property: JsonPropertyName("cardNumber")] string Number);
}
