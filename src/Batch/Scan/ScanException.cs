namespace Lambda.Batch.Scan;

/// <summary>A file cannot be scanned; the message names the file and, where it is to blame, the column, and says what to do.</summary>
internal sealed class ScanException : Exception
{
    public ScanException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
