namespace Lambda.Hosting.Composition;

/// <summary>What a process opens the platform for.</summary>
internal enum PlatformRole
{
    /// <summary>To answer queries of its own and append to the log, without any layer that computes.</summary>
    Read,

    /// <summary>To do one piece of work: the layers run, without a schedule and without listening.</summary>
    Work,

    /// <summary>To run layers and listen until it is told to stop.</summary>
    Serve,
}
