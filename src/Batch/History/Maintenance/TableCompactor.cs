using Lambda.Batch.History.Appending;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Merge;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.History.Maintenance;

/// <summary>
/// Puts small files of a date together, with all their rows in the order of time. A group of files is replaced in one commit, so that every version has each
/// row once; whoever reads an older version finds its files until they are vacuumed.
/// </summary>
/// <remarks>
/// Others may append at the same time, as that touches none of the files. If someone else has removed one of them, the group is given up and planned anew.
/// </remarks>
internal sealed class TableCompactor
{
    private readonly IObjectStorage _storage;
    private readonly TableShape _shape;
    private readonly DeltaLog _log;
    private readonly TableFiles _files;
    private readonly TimeProvider _time;
    private readonly long _targetBytes;
    private readonly SemaphoreSlim _turn;

    /// <summary>Files that stay as they are, with the reason.</summary>
    private readonly SortedDictionary<string, string> _left = new(StringComparer.Ordinal);

    /// <param name="storage">Where the table lies.</param>
    /// <param name="shape">The table.</param>
    /// <param name="targetBytes">The size that files should have.</param>
    /// <param name="turn">Held while a group is put together.</param>
    /// <param name="time">Stamps files and commits.</param>
    public TableCompactor(IObjectStorage storage, TableShape shape, long targetBytes, SemaphoreSlim turn, TimeProvider time)
    {
        _storage = storage;
        _shape = shape;
        _log = new DeltaLog(storage, shape.Folder, time);
        _files = new TableFiles(storage, shape.Folder, time);
        _time = time;
        _targetBytes = targetBytes;
        _turn = turn;
    }

    /// <summary>Compacts until there is nothing left to put together.</summary>
    /// <exception cref="HistoryException">A file is missing or damaged; what was committed before stays.</exception>
    public async Task<CompactionResult> RunAsync(CancellationToken cancellationToken)
    {
        CompactionResult result = new(_shape.Name, 0, 0, 0, 0, []);
        DeltaSnapshot? current = await _log.FindLatestAsync(cancellationToken).ConfigureAwait(false);
        while (current is not null && Plan(current) is [var group, ..])
        {
            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (await RewriteAsync(current, group, cancellationToken).ConfigureAwait(false) is { } done)
                {
                    result = result.And(done);
                }

                LargeArrays.Collect(group.Sum(file => file.Rows ?? 0));
            }
            finally
            {
                _turn.Release();
            }

            current = await _log.RefreshAsync(current, cancellationToken).ConfigureAwait(false);
        }

        return result with { Left = [.. _left.Select(file => $"{file.Key}: {file.Value}")] };
    }

    private IReadOnlyList<IReadOnlyList<HistoryFile>> Plan(DeltaSnapshot snapshot) =>
        CompactionPlan.Of(_shape.FilesOf(snapshot).Where(file => !_left.ContainsKey(file.Action.Path)), _targetBytes);

    /// <summary>Replaces a group of files.</summary>
    /// <returns>What was done; null when the group was given up.</returns>
    private async Task<CompactionResult?> RewriteAsync(DeltaSnapshot current, IReadOnlyList<HistoryFile> group, CancellationToken cancellationToken)
    {
        using FileRewriter rewriter = await FileRewriter.OpenAsync(_storage, _shape, current, group, cancellationToken).ConfigureAwait(false);
        if (!CanMerge(group, rewriter, cancellationToken))
        {
            return null;
        }

        long bytes = group.Sum(file => file.Action.Size);
        int files = (int)Math.Clamp((bytes + (_targetBytes / 2)) / _targetBytes, 1, Math.Max(1, group.Count - 1));
        int rowsPerFile = checked((int)Math.Max(1, (rewriter.Rows + files - 1) / files));
        List<AddFile> written = await rewriter.WriteAsync(_files, _ => true, rowsPerFile, dataChange: false, cancellationToken).ConfigureAwait(false);
        return await CommitAsync(current, group, written, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether all files can be put together; notes those that have to be left as they are.</summary>
    private bool CanMerge(IReadOnlyList<HistoryFile> group, FileRewriter rewriter, CancellationToken cancellationToken)
    {
        bool canMerge = true;
        for (int i = 0; i < group.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if ((rewriter.ProblemOf(i) ?? ProblemOfOrder(rewriter, i, group[i])) is { } problem)
            {
                _left[group[i].Action.Path] = problem;
                canMerge = false;
            }
        }

        return canMerge;
    }

    private static string? ProblemOfOrder(FileRewriter rewriter, int index, HistoryFile file)
    {
        using RowCursor rows = rewriter.OpenRows(index);
        RowOrder order = default;
        while (rows.MoveNext())
        {
            order.Add(rows.Time);
        }

        return order.ProblemOn(file.Day is { } date ? EventDate.StartOf(date) : null);
    }

    private async Task<CompactionResult?> CommitAsync(
        DeltaSnapshot current, IReadOnlyList<HistoryFile> group, List<AddFile> written, CancellationToken cancellationToken)
    {
        CompactionResult done = new(_shape.Name, group.Count, written.Count, group.Sum(file => file.Action.Size), written.Sum(file => file.Size), []);
        while (true)
        {
            // The commit is there already if the storage's answer to an earlier attempt got lost.
            if (written.Count > 0 && written.All(file => current.Knows(file.Path)))
            {
                return done;
            }

            if (!_files.AreFresh(written) || group.Any(file => current.Find(file.Action.Path) is null))
            {
                await _files.DeleteUnusedAsync(written, current, cancellationToken).ConfigureAwait(false);
                return null;
            }

            long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            DeltaAction[] actions = [.. group.Select(file => RemoveFile.Rewritten(file.Action, now)), .. written];
            if (await _log.TryCommitAsync(current, actions, "OPTIMIZE", cancellationToken).ConfigureAwait(false) is not null)
            {
                return done;
            }

            current = await _log.RefreshAsync(current, cancellationToken).ConfigureAwait(false);
        }
    }
}
