namespace Lambda.Hosting.Commands;

/// <summary>A command cannot do what was asked. The message is printed as it is: what was wrong, where, and what to do.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCodes.Failed, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; } = exitCode;
}
