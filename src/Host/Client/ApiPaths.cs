namespace Lambda.Hosting.Client;

/// <summary>Where the API has what commands ask for.</summary>
internal static class ApiPaths
{
    public const string Streams = "api/streams";
    public const string BatchRuns = "api/batch/runs";
    public const string Rollbacks = "api/batch/rollbacks";

    public static string Stream(string stream) => $"{Streams}/{Uri.EscapeDataString(stream)}";

    public static string Gaps(string stream) => $"{Stream(stream)}/gaps";

    public static string Replays(string stream) => $"{Stream(stream)}/replays";

    public static string Replay(string stream, int replay) => $"{Replays(stream)}/{replay}";

    public static string Promotion(string stream, int replay) => $"{Replay(stream, replay)}/promote";

    public static string Generations(string stream) => $"api/generations?stream={Uri.EscapeDataString(stream)}";

    /// <summary>The newest audits of a stream, so many at most.</summary>
    public static string Audits(string stream, int limit) => $"api/quality?stream={Uri.EscapeDataString(stream)}&limit={limit}";

    public static string Profile(string stream) => $"api/quality/profile?stream={Uri.EscapeDataString(stream)}";

    /// <summary>Refused records of a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="reasons">Those of these reasons only; null for all.</param>
    /// <param name="partition">Those of this partition only; null for all.</param>
    /// <param name="below">Those below this offset only; null for all.</param>
    /// <param name="limit">So many at most.</param>
    public static string Quarantine(string stream, string? reasons, int? partition, long? below, int limit) =>
        $"api/quarantine?stream={Uri.EscapeDataString(stream)}{(reasons is null ? "" : $"&reason={Uri.EscapeDataString(reasons)}")}"
        + $"{(partition is null ? "" : $"&partition={partition}")}{(below is null ? "" : $"&below={below}")}&limit={limit}";

    public static string Resubmission(string stream, int partition, long offset) =>
        $"api/quarantine/{Uri.EscapeDataString(stream)}/{partition}/{offset}/resubmit";

    public static string BatchRun(string run) => $"{BatchRuns}/{Uri.EscapeDataString(run)}";

    public static string BatchRunCancellation(string run) => $"{BatchRun(run)}/cancel";

    /// <summary>Windows of a view.</summary>
    public static string View(string view, IEnumerable<KeyValuePair<string, string>> parameters) => ViewPath(view, "", parameters);

    /// <summary>Windows of a view as both layers have them.</summary>
    public static string Comparison(string view, IEnumerable<KeyValuePair<string, string>> parameters) => ViewPath(view, "/compare", parameters);

    private static string ViewPath(string view, string verb, IEnumerable<KeyValuePair<string, string>> parameters) =>
        $"api/views/{Uri.EscapeDataString(view)}{verb}?"
        + string.Join('&', parameters.Select(parameter => $"{Uri.EscapeDataString(parameter.Key)}={Uri.EscapeDataString(parameter.Value)}"));
}
