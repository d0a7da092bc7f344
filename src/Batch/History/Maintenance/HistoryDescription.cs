namespace Lambda.Batch.History.Maintenance;

/// <summary>What a stream's history consists of.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Tables">Its tables: events, quarantine, voids.</param>
internal sealed record HistoryDescription(string Stream, IReadOnlyList<TableDescription> Tables);

/// <summary>A version of a table.</summary>
/// <param name="Table">The table: <c>events</c>, <c>quarantine</c> or <c>voids</c>.</param>
/// <param name="Location">Where it lies.</param>
/// <param name="Version">The number of the version.</param>
/// <param name="CommittedAt">When it was committed, in UTC; null when the log does not say.</param>
/// <param name="Files">How many data files it has.</param>
/// <param name="Rows">How many rows these have, by the log.</param>
/// <param name="Bytes">Their length together.</param>
/// <param name="OldestVersion">The oldest version that can still be read.</param>
/// <param name="OldestCommittedAt">When that was committed, in UTC; null when the log does not say.</param>
internal sealed record TableDescription(
    string Table, string Location, long Version, DateTimeOffset? CommittedAt, int Files, long Rows, long Bytes, long OldestVersion,
    DateTimeOffset? OldestCommittedAt);

/// <summary>What came of holding a history against what its log tells.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Version">The version of its events.</param>
/// <param name="Files">How many files were read, of all tables.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Problems">What was found; none when all is well.</param>
internal sealed record VerifyResult(string Stream, long Version, int Files, long Rows, IReadOnlyList<VerifyProblem> Problems);

/// <summary>Something wrong with a history.</summary>
/// <param name="Table">The table: <c>events</c>, <c>quarantine</c> or <c>voids</c>.</param>
/// <param name="File">The file; null when it is about the table.</param>
/// <param name="Problem">What differs from what.</param>
internal sealed record VerifyProblem(string Table, string? File, string Problem)
{
    /// <summary>Whether it says itself what to do. Otherwise the history has to be restored.</summary>
    public bool TellsRemedy { get; init; }
}
