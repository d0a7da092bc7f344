namespace Lambda.Batch.Recompute.Parts;

/// <summary>A file is no result of the part that it should be of; the message says which file, what is wrong with it and what to do.</summary>
internal sealed class PartFormatException(string message) : Exception(message);
