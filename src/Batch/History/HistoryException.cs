namespace Lambda.Batch.History;

/// <summary>The history cannot do what was asked; the message says which table, file or offset, and what to do.</summary>
internal sealed class HistoryException : Exception
{
    public HistoryException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
