namespace Lambda.Batch.ForeignTables.Rows;

/// <summary>Records of logs with the same columns, as a relation <c>d</c> of DuckDB.</summary>
/// <param name="From">The relation.</param>
/// <param name="Number">SQL for the number of a record, in the order of changes.</param>
/// <param name="Slice">SQL for the file group of a record.</param>
/// <param name="Columns">The columns.</param>
/// <param name="Address">Makes SQL of one of them.</param>
/// <param name="File">A log, for messages.</param>
internal sealed record LogSource(
    string From, string Number, string Slice, IReadOnlyList<ParquetNode> Columns, Func<ParquetNode, string> Address, string File);
