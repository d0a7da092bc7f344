namespace Lambda.Batch;

/// <summary>A run of the batch layer cannot go on; the message says which stream, why and what to do. Nothing that is served has changed.</summary>
internal sealed class BatchException : Exception
{
    public BatchException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
