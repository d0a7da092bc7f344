using Microsoft.AspNetCore.Http;

namespace Lambda.Capture.Requests;

/// <summary>Which requests become events. A kind of condition that was not given lets every request through.</summary>
internal sealed class RequestFilter
{
    private readonly HashSet<string> _methods = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _routes = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<PathString> _paths = [];
    private readonly List<Func<CapturedRequest, bool>> _conditions = [];

    public void AddMethods(IEnumerable<string> methods) => _methods.UnionWith(methods);

    public void AddRoutes(IEnumerable<string> patterns) => _routes.UnionWith(patterns.Select(Normal));

    public void AddPaths(IEnumerable<PathString> prefixes) => _paths.AddRange(prefixes);

    public void Add(Func<CapturedRequest, bool> condition) => _conditions.Add(condition);

    /// <summary>What can be told before the request is handled.</summary>
    public bool MayMatch(string method, PathString path) => (_methods.Count == 0 || _methods.Contains(method)) && MatchesPath(path);

    /// <summary>What can be told of a request that <see cref="MayMatch"/> when it is done.</summary>
    public bool Matches(CapturedRequest request)
    {
        if (_routes.Count > 0 && (request.Route is not { } route || !_routes.Contains(Normal(route))))
        {
            return false;
        }

        foreach (Func<CapturedRequest, bool> condition in _conditions)
        {
            if (!condition(request))
            {
                return false;
            }
        }

        return true;
    }

    private bool MatchesPath(PathString path)
    {
        foreach (PathString prefix in _paths)
        {
            if (path.StartsWithSegments(prefix))
            {
                return true;
            }
        }

        return _paths.Count == 0;
    }

    // Patterns are written with and without slashes around them; most have neither, and are returned as they are.
    private static string Normal(string pattern) => pattern.Trim('/');
}
