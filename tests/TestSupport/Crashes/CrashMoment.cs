namespace Lambda.TestSupport.Crashes;

/// <summary>Whether the call that a process crashes at still takes effect.</summary>
public enum CrashMoment
{
    /// <summary>It does not: the process is gone before.</summary>
    BeforeCall,

    /// <summary>It does, and the process is gone before it learns of that.</summary>
    AfterCall,
}
