namespace Lambda.Hosting.Composition;

/// <summary>What a process opens the platform for.</summary>
internal enum PlatformRole
{
    /// <summary>To answer queries of its own, without any layer that computes. Where log and store are shared, nothing is made that is not there.</summary>
    Read,

    /// <summary>To append to the log, without any layer that computes. Streams are made when they are not there.</summary>
    Append,

    /// <summary>To do one piece of work: the layers run, without a schedule and without listening.</summary>
    Work,

    /// <summary>To run layers and listen until it is told to stop.</summary>
    Serve,
}

/// <summary>What roles have in common.</summary>
internal static class PlatformRoles
{
    /// <summary>Whether layers that compute run.</summary>
    public static bool Computes(this PlatformRole role) => role is PlatformRole.Work or PlatformRole.Serve;
}
