namespace Lambda.Expressions;

/// <summary>How far a column loop has come, so that it can go on behind a row whose expression threw.</summary>
internal sealed class KernelProgress
{
    /// <summary>The place in the selection that is being evaluated.</summary>
    public int Next;
}
