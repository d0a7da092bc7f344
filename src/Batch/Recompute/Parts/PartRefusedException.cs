namespace Lambda.Batch.Recompute.Parts;

/// <summary>This process must not compute a part, as it would come to something else; the message says why and what to do.</summary>
internal sealed class PartRefusedException(string message, Exception? innerException = null) : Exception(message, innerException);
