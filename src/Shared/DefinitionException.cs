namespace Lambda;

/// <summary>A stream or view is declared wrongly. The message names it and says what to write instead. Thrown at start-up, never later.</summary>
public sealed class DefinitionException : Exception
{
    /// <summary>Creates the exception.</summary>
    public DefinitionException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
