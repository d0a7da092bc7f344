namespace Lambda.Batch.Scan;

/// <summary>A row group of one of the files of a scan.</summary>
/// <param name="File">The file, by its place among those of the scan.</param>
/// <param name="Index">Its place in the file.</param>
/// <param name="FirstRow">How many rows of the file come before it.</param>
/// <param name="Rows">How many rows it has.</param>
/// <param name="Times">Which event times it may have.</param>
internal readonly record struct RowGroup(int File, int Index, long FirstRow, long Rows, TimeSpread Times);
