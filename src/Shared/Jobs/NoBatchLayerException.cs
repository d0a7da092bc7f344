namespace Lambda.Jobs;

/// <summary>A run was asked for in a process that does not run the batch layer; the message says where to ask.</summary>
internal sealed class NoBatchLayerException(string message) : Exception(message);
