namespace Lambda.Batch.ForeignTables;

/// <summary>A table of others cannot be read, or not rightly; the message says which table and why, and what to do.</summary>
internal sealed class ForeignTableException(string message, Exception? innerException = null) : Exception(message, innerException);
