namespace Lambda.Hosting.Commands;

/// <summary>A command was interrupted, and there is more to say of what it leaves than that what was done stays.</summary>
/// <param name="left">What it leaves, as the end of a sentence.</param>
/// <param name="interruption">What ended it.</param>
internal sealed class InterruptedException(string left, OperationCanceledException interruption)
    : OperationCanceledException(left, interruption, interruption.CancellationToken);
