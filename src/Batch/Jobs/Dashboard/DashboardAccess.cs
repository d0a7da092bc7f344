namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>Who may open the dashboard, which can start and delete jobs.</summary>
internal enum DashboardAccess
{
    /// <summary>Requests from this machine.</summary>
    Loopback,

    /// <summary>Whoever reaches the server: for one that asks callers who they are, or that is behind a proxy which does.</summary>
    Anyone,
}
