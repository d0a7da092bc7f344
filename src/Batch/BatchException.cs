namespace Lambda.Batch;

/// <summary>A run of the batch layer cannot go on; the message says which stream, why and what to do. What was published before serves on.</summary>
internal sealed class BatchException : Exception
{
    public BatchException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
