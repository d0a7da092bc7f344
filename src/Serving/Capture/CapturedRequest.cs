using Lambda.Capture.Redacting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace Lambda.Capture;

/// <summary>
/// A request that has been answered, as far as an event may tell of it: what is denied (<see cref="EventCaptureBuilder{TEvent}"/> says what that is) reads as
/// if it were not there. Valid only while the event is made; an event holds copies of what it needs.
/// </summary>
public sealed class CapturedRequest
{
    private readonly TimeProvider _clock;
    private readonly long _started;
    private RouteValueDictionary? _routeValues;
    private Guid? _id;

    internal CapturedRequest(HttpContext http, TimeProvider clock)
    {
        Http = http;
        _clock = clock;
        _started = clock.GetTimestamp();
        Time = clock.GetUtcNow();
        Method = http.Request.Method;
        Path = http.Request.Path;
    }

    /// <summary>When the request came, in UTC.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>How long it took from there until the whole response was handed to the server's transport.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>An id that no other request has, ordered by time (UUID version 7): good for the id of an event.</summary>
    public Guid Id => _id ??= Guid.CreateVersion7(Time);

    /// <summary>The method, such as <c>GET</c>.</summary>
    public string Method { get; }

    /// <summary>The path without query, as it was when the request reached the middleware.</summary>
    public PathString Path { get; }

    /// <summary>The status of the response.</summary>
    public int Status => Http.Response.StatusCode;

    /// <summary>The exception that went through the middleware; null when there was none.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether the client went away before the response was complete.</summary>
    public bool IsAborted => Http.RequestAborted.IsCancellationRequested;

    /// <summary>The pattern of the route that answered, as it was mapped, such as <c>/products/{id}</c>; null when none did.</summary>
    public string? Route { get; private set; }

    /// <summary>The name of the authenticated user; null when there is none.</summary>
    public string? User => Http.User.Identity is { IsAuthenticated: true } identity ? identity.Name : null;

    internal HttpContext Http { get; }

    internal Redaction? Redaction { get; set; }

    /// <summary>A value of the route, as text; null when there is none of that name.</summary>
    public string? RouteValue(string name) =>
        _routeValues is { } values && values.TryGetValue(name, out object? value) ? Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) : null;

    /// <summary>The first value of a query parameter; null when there is none, or it is denied.</summary>
    public string? Query(string name) =>
        Redaction?.QueryParameters.Contains(name) == false && Http.Request.Query.TryGetValue(name, out StringValues values) ? values[0] : null;

    /// <summary>A header of the request, several values joined by commas; null when there is none, or it is denied.</summary>
    public string? Header(string name) => Header(Http.Request.Headers, name);

    /// <summary>A header of the response, several values joined by commas; null when there is none, or it is denied.</summary>
    public string? ResponseHeader(string name) => Header(Http.Response.Headers, name);

    /// <summary>A cookie of the request; null when there is none, or it was not allowed by name.</summary>
    public string? Cookie(string name) => Redaction?.AllowedCookies.Contains(name) == true ? Http.Request.Cookies[name] : null;

    /// <summary>The first claim of that type that the user has; null when there is none.</summary>
    public string? Claim(string type) => Http.User.FindFirst(type)?.Value;

    /// <summary>What a handler has put into <see cref="HttpContext.Items"/> for the event; the default when there is nothing of that type.</summary>
    public T? Item<T>(object key) => Http.Items.TryGetValue(key, out object? value) && value is T item ? item : default;

    /// <summary>Takes note of the route that was found: what answers errors may clear it later.</summary>
    internal void TakeRoute(Exception? failure)
    {
        Failure = failure;
        Route = (Http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;

        // Not by way of the request, which would make a feature of it when there is none.
        _routeValues = Http.Features.Get<IRouteValuesFeature>()?.RouteValues;
        if (failure is not null && _routeValues is { } values)
        {
            _routeValues = new RouteValueDictionary(values);
        }
    }

    internal void Complete() => Elapsed = _clock.GetElapsedTime(_started);

    private string? Header(IHeaderDictionary headers, string name) =>
        Redaction?.Headers.Contains(name) == false && headers.TryGetValue(name, out StringValues values) ? values.ToString() : null;
}
