namespace Lambda.Batch.History.Appending;

/// <summary>What an append did.</summary>
/// <param name="Version">The table's version that contains the run.</param>
/// <param name="Rows">The rows written; 0 when the table contained the whole run before.</param>
/// <param name="Files">The files written.</param>
/// <param name="Bytes">Their length together.</param>
internal readonly record struct AppendResult(long Version, long Rows, int Files, long Bytes);
