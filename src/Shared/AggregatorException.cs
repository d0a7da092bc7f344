namespace Lambda;

/// <summary>
/// A user-defined aggregator threw where it must not. The message names view, aggregate and step, and says what to change. What was computed with it
/// is not to be used.
/// </summary>
public sealed class AggregatorException : Exception
{
    /// <summary>Creates the exception.</summary>
    public AggregatorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
