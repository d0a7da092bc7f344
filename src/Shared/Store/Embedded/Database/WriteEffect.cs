namespace Lambda.Store.Embedded.Database;

/// <summary>Who can tell by what is read that something was written.</summary>
internal enum WriteEffect
{
    /// <summary>Whoever reads the state of a stream.</summary>
    Seen,

    /// <summary>Only who runs batch work on the stream: leases, and generations that do not serve yet.</summary>
    Unseen,
}
