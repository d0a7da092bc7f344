namespace Lambda.Testing;

/// <summary>An implementation breaks a law that both layers rely on. The message says which one, for which values and which seed.</summary>
public sealed class LawViolationException : Exception
{
    /// <inheritdoc cref="Exception()"/>
    public LawViolationException()
    {
    }

    /// <inheritdoc cref="Exception(string)"/>
    public LawViolationException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="Exception(string, Exception)"/>
    public LawViolationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
