namespace Lambda.Serving.Security;

/// <summary>What a caller may do.</summary>
[Flags]
public enum ApiRoles
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Read whatever the platform tells: answers, comparisons, the quarantine with its raw records, the console, metrics.</summary>
    Query = 1,

    /// <summary>Send events.</summary>
    Ingest = 2,

    /// <summary>Everything: also runs, rollbacks, replays, deletions, and Hangfire's dashboard.</summary>
    Admin = Query | Ingest | 4,
}
