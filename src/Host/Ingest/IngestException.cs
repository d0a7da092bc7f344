namespace Lambda.Hosting.Ingest;

/// <summary>A file of events cannot be read; the message says which, where and why.</summary>
internal sealed class IngestException(string message, Exception? innerException = null) : Exception(message, innerException);
