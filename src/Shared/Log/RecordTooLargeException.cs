namespace Lambda.Log;

/// <summary>A record of an append is larger than the log, or the topic behind it, ever takes: the same append fails whenever it is tried again.</summary>
public sealed class RecordTooLargeException : EventLogException
{
    /// <summary>Creates the exception.</summary>
    public RecordTooLargeException(string message)
        : base(message)
    {
    }
}
