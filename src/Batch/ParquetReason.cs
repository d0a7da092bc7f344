namespace Lambda.Batch;

/// <summary>What an error in reading a Parquet file is about.</summary>
internal static class ParquetReason
{
    private const string Opening = "(message: '";
    private const string Closing = "')";

    /// <summary>The error in words; the reader's messages have them behind the mangled name of a type of C++, as in <c>N7parquet…E (message: '…')</c>.</summary>
    public static string Of(Exception error)
    {
        string message = error.Message.Trim();
        int start = message.IndexOf(Opening, StringComparison.Ordinal);
        return start >= 0 && message.EndsWith(Closing, StringComparison.Ordinal) ? message[(start + Opening.Length)..^Closing.Length] : message;
    }
}
