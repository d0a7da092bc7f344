using System.Runtime.CompilerServices;
using Lambda.Batch.History.Delta;

namespace Lambda.Batch.History;

/// <summary>
/// What a table's log tells of its files, read once for each as long as a version that has it is in memory: a commit adds a few to thousands that were there before. Safe for use by several
/// threads at once.
/// </summary>
/// <param name="eventTime">The column of the event time.</param>
internal sealed class KnownFiles(string eventTime)
{
    private readonly ConditionalWeakTable<AddFile, HistoryFile> _files = [];

    /// <summary>The files of a version, in its order.</summary>
    public IReadOnlyList<HistoryFile> Of(DeltaSnapshot table) => [.. table.Files.Select(file => _files.GetValue(file, action => HistoryFile.From(action, eventTime)))];
}
