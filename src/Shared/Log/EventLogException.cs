namespace Lambda.Log;

/// <summary>The log cannot do what was asked; the message says which stream, partition and offset, and what to do.</summary>
public class EventLogException : Exception
{
    /// <summary>Creates the exception.</summary>
    public EventLogException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
