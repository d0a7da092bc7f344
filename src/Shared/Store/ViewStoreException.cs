namespace Lambda.Store;

/// <summary>The store cannot do what was asked; the message says what, where and what to do.</summary>
public class ViewStoreException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ViewStoreException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>
/// The caller no longer owns what it writes to: a newer owner holds a higher fence number. It must stop; nothing of the call took effect.
/// </summary>
public sealed class FencedException : ViewStoreException
{
    /// <summary>Creates the exception.</summary>
    public FencedException(string message)
        : base(message)
    {
    }
}

/// <summary>
/// Another edition of the stream answers since the partition was claimed. Nothing of the call took effect; claim it again.
/// </summary>
internal sealed class EditionChangedException(string message) : ViewStoreException(message);

/// <summary>An edition lacks offsets that the one which answers has committed. Nothing was changed.</summary>
internal sealed class IncompleteEditionException(string message) : ViewStoreException(message);
