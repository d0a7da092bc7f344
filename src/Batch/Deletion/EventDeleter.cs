using Lambda.Batch.History;
using Lambda.Batch.History.Appending;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.History.Merge;
using Lambda.Batch.History.SideTables;
using Lambda.Batch.History.Storage;
using Lambda.Log;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Batch.Deletion;

/// <summary>
/// Writes files of a history anew without some of their events, date by date: each date in one commit, unless that takes so long that its first files may be given up. Others may append and compact at
/// the same time.
/// </summary>
/// <param name="storage">Where the history lies.</param>
/// <param name="stream">The stream.</param>
/// <param name="below">By partition, the first offset that is left alone; noted with each commit.</param>
/// <param name="computed">The newest version of the history that a generation was computed from, of which the deletion is told apart by its version.</param>
/// <param name="time">Stamps files and commits.</param>
internal sealed class EventDeleter(IObjectStorage storage, StreamDefinition stream, Boundary below, long computed, TimeProvider time)
{
    private readonly TableShape _shape = TableShape.EventsOf(stream);
    private readonly DeltaLog _log = new(storage, HistoryLayout.EventsOf(stream.Name), time);
    private readonly TableFiles _files = new(storage, HistoryLayout.EventsOf(stream.Name), time);

    /// <summary>Requires that events can be deleted, all of them, before the first one is.</summary>
    /// <exception cref="HistoryException">A file that has some of them is damaged or of another program's making, or one of their dates is missing.</exception>
    public async Task RequireDeletableAsync(IReadOnlyDictionary<DateOnly, IReadOnlySet<LogPosition>> events, CancellationToken cancellationToken)
    {
        Dictionary<string, IReadOnlySet<LogPosition>> dates = events.ToDictionary(date => EventDate.Format(date.Key), date => date.Value, StringComparer.Ordinal);
        DeltaSnapshot current = await FindLatestAsync(cancellationToken).ConfigureAwait(false);
        foreach (HistoryFile file in _shape.FilesOf(current).Where(file => file.Date is not null && dates.ContainsKey(file.Date)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using FileRewriter rewriter = await FileRewriter.OpenAsync(storage, _shape, current, [file], cancellationToken).ConfigureAwait(false);
            if (rewriter.ProblemOf(0) is { } problem
                && Has(rewriter, dates[file.Date!]))
            {
                throw NotDeletable(file, problem);
            }
        }
    }

    /// <summary>Deletes events of a date; those that are gone already are left out.</summary>
    /// <returns>How many files were replaced or removed.</returns>
    /// <exception cref="HistoryException">A file is missing, damaged or of another program's making; the date has all its events.</exception>
    public async Task<int> DeleteAsync(DateOnly date, IReadOnlySet<LogPosition> events, CancellationToken cancellationToken)
    {
        int files = 0;
        while (true)
        {
            DeltaSnapshot current = await FindLatestAsync(cancellationToken).ConfigureAwait(false);
            (List<AddFile> removed, List<AddFile> written) = await RewriteSomeAsync(current, date, events, cancellationToken).ConfigureAwait(false);
            if (removed.Count == 0)
            {
                return files;
            }

            files += await TryCommitAsync(current, removed, written, cancellationToken).ConfigureAwait(false) ? removed.Count : 0;
        }
    }

    /// <summary>Writes files of a date anew, as many as can be committed together.</summary>
    private async Task<(List<AddFile> Removed, List<AddFile> Written)> RewriteSomeAsync(
        DeltaSnapshot current, DateOnly date, IReadOnlySet<LogPosition> events, CancellationToken cancellationToken)
    {
        List<AddFile> removed = [];
        List<AddFile> written = [];
        foreach (HistoryFile file in _shape.FilesOf(current).Where(file => file.Date == EventDate.Format(date)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await RewriteAsync(current, file, events, cancellationToken).ConfigureAwait(false) is { } rewritten)
            {
                removed.Add(file.Action);
                written.AddRange(rewritten);
                if (_files.AreDue(written))
                {
                    break;
                }
            }
        }

        return (removed, written);
    }

    /// <summary>Writes the rows of a file that stay.</summary>
    /// <returns>The new files, none when no row stays; null when all rows do.</returns>
    private async Task<List<AddFile>?> RewriteAsync(
        DeltaSnapshot current, HistoryFile file, IReadOnlySet<LogPosition> events, CancellationToken cancellationToken)
    {
        using FileRewriter rewriter = await FileRewriter.OpenAsync(storage, _shape, current, [file], cancellationToken).ConfigureAwait(false);
        if (!Has(rewriter, events))
        {
            return null;
        }

        return rewriter.ProblemOf(0) is { } problem
            ? throw NotDeletable(file, problem)
            : await rewriter.WriteAsync(_files, row => !events.Contains(row), int.MaxValue, dataChange: true, cancellationToken).ConfigureAwait(false);
    }

    private static bool Has(FileRewriter rewriter, IReadOnlySet<LogPosition> events)
    {
        using RowCursor rows = rewriter.OpenRows(0);
        while (rows.MoveNext())
        {
            if (events.Contains(rows.Position))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<DeltaSnapshot> FindLatestAsync(CancellationToken cancellationToken) =>
        await _log.FindLatestAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new HistoryException($"The Delta table '{_log.Name}' is gone. Restore it from a copy.");

    private HistoryException NotDeletable(HistoryFile file, string problem) => new(
        $"Events of '{storage.Describe($"{_shape.Folder}/{DeltaPaths.Decode(file.Action.Path)}")}' cannot be deleted: {problem}. Have the file rewritten with the columns that the "
        + "table's schema has, then delete again.");

    /// <returns>False when somebody else has replaced one of the files meanwhile, or the work took so long that its files may be taken for litter.</returns>
    private async Task<bool> TryCommitAsync(
        DeltaSnapshot current, IReadOnlyList<AddFile> removed, List<AddFile> written, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (written.Count > 0 && written.All(file => current.Knows(file.Path)))
            {
                // The storage's answer to an earlier attempt got lost.
                return true;
            }

            if (!_files.AreFresh(written) || removed.Any(file => current.Find(file.Path) is null))
            {
                await _files.DeleteUnusedAsync(written, current, cancellationToken).ConfigureAwait(false);
                return false;
            }

            long now = time.GetUtcNow().ToUnixTimeMilliseconds();

            // A history that was restored from an older copy has come to versions again that generations were computed from before.
            HistoryDeletion deletion = new(Math.Max(current.Version, computed) + 1, below);
            DeltaAction[] actions = [.. removed.Select(file => RemoveFile.Deleted(file, now)), .. written, .. deletion.Transactions(stream.Name, now)];
            if (await _log.TryCommitAsync(current, actions, "DELETE", cancellationToken).ConfigureAwait(false) is not null)
            {
                return true;
            }

            current = await _log.RefreshAsync(current, cancellationToken).ConfigureAwait(false);
        }
    }
}
