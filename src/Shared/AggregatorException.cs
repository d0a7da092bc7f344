namespace Lambda;

/// <summary>
/// A user-defined aggregator threw where it must not, or did not write or read its state as declared. The message names view, aggregate and step, and says what to change. What was computed with it
/// is not to be used.
/// </summary>
public sealed class AggregatorException : Exception
{
    /// <summary>Creates the exception.</summary>
    public AggregatorException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public AggregatorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
