namespace Lambda.Serving.Security;

/// <summary>A feature of connections that nobody but this process itself can open: who calls by one may do everything.</summary>
internal sealed class TrustedConnection
{
    /// <summary>The feature.</summary>
    public static readonly TrustedConnection Instance = new();

    private TrustedConnection()
    {
    }
}
