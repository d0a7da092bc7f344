using Microsoft.AspNetCore.Http;

namespace Lambda.Serving.Requests;

/// <summary>A request that cannot be answered; becomes a problem details answer (RFC 9457).</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="title">What kind of problem it is; the same for all problems of a kind.</param>
/// <param name="detail">What was wrong with this request, and what to do.</param>
internal sealed class RequestException(int status, string title, string detail) : Exception(detail)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>What kind of problem it is.</summary>
    public string Title { get; } = title;

    /// <summary>Further members of the problem, such as the names that would have been right.</summary>
    public Dictionary<string, object?> Extensions { get; } = [];

    /// <summary>Adds a member to the problem.</summary>
    public RequestException With(string name, object? value)
    {
        Extensions[name] = value;
        return this;
    }

    public static RequestException BadParameter(string parameter, string detail) =>
        new RequestException(StatusCodes.Status400BadRequest, "A parameter is wrong.", detail).With("parameter", parameter);

    public static RequestException NotFound(string detail) =>
        new(StatusCodes.Status404NotFound, "There is no such thing.", detail);
}
