using System.Collections.Concurrent;
using Lambda.Batch.Archive;
using Lambda.Batch.History;
using Lambda.Batch.History.Reading;
using Lambda.Events;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;

namespace Lambda.Batch.Recompute.Duplicates;

/// <summary>
/// The ids of new events, and whether another event has one of them. Earlier ids are read from files whose bounds leave it open, and of these nothing else. Equal hashes may
/// be chance, so what is not proved is not disproved.
/// </summary>
/// <param name="member">The member that is the id.</param>
/// <param name="schema">The event type.</param>
/// <param name="archive">What is read.</param>
/// <param name="events">The new events.</param>
/// <param name="removed">Those of them that count in nothing.</param>
internal sealed class NewIds(
    EventMember member, EventSchema schema, IArchiveSnapshot archive, FileSelection events, IReadOnlySet<LogPosition> removed)
{
    /// <summary>How many are held against others, each of which takes some 30 bytes.</summary>
    private const int Most = 8 << 20;

    private readonly EventIdentities _identities = new(member, schema);
    private readonly RepeatedHashes _hashes = new();
    private readonly SoughtIds.Builder _sought = new(member);
    private int _count;

    /// <summary>Whether it is proved that they differ among themselves, and from the ids of all events before a boundary; of these, ones that were removed are not left out.</summary>
    /// <param name="below">Where the new events begin.</param>
    /// <param name="threads">How many dates are read at once.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="HistoryException">A file is missing or damaged.</exception>
    public async Task<bool> AreDistinctAsync(Boundary below, int threads, CancellationToken cancellationToken)
    {
        if (!await TakeAllAsync(archive.Select(events), cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        FileSelection earlier = new(new ArchiveRange(null, below)) { Values = [_sought.Build()] };
        return _count == 0 || !await AnyAsync(archive.Select(earlier), threads, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the ids of new events, as long as each is taken.</summary>
    /// <returns>Whether all were taken.</returns>
    private async Task<bool> TakeAllAsync(IArchiveScan scan, CancellationToken cancellationToken)
    {
        using IArchiveReader reader = scan.OpenReader(_identities.Projection, new StringDictionary(), RecordFields.Position);
        foreach (DateOnly date in scan.Dates)
        {
            await foreach (EventBatch batch in reader.ReadAsync(date, cancellationToken).ConfigureAwait(false))
            {
                if (!TakeAll(batch))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private bool TakeAll(EventBatch batch)
    {
        Span<byte> buffer = stackalloc byte[EventIdentities.BufferSize];
        for (int row = 0; row < batch.Count; row++)
        {
            if (_identities.TryRead(batch, row, buffer, out ReadOnlySpan<byte> id)
                && (removed.Count == 0 || !removed.Contains(new LogPosition(batch.Partitions[row], batch.Offsets[row]))) && !Take(id))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes an id, unless it is one that was taken, or one too many.</summary>
    private bool Take(ReadOnlySpan<byte> id)
    {
        _sought.Add(id);
        return _hashes.Add(IdentityHash.OfId(id)) && ++_count <= Most;
    }

    /// <summary>Whether one of some events may have one of the ids.</summary>
    private async Task<bool> AnyAsync(IArchiveScan scan, int threads, CancellationToken cancellationToken)
    {
        HashFilter filter = new(_count);
        _hashes.CopyTo(filter);
        ConcurrentQueue<DateOnly> dates = new(scan.Dates);
        using CancellationTokenSource found = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bool[] finds = await Task.WhenAll(Enumerable.Range(0, Math.Clamp(dates.Count, 1, threads))
            .Select(_ => Task.Run(SearchAsync, CancellationToken.None))).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return finds.Any(find => find);

        async Task<bool> SearchAsync()
        {
            using IArchiveReader reader = scan.OpenReader(_identities.Projection, new StringDictionary(), RecordFields.None);
            ulong[] buffer = [];
            try
            {
                while (!found.IsCancellationRequested && dates.TryDequeue(out DateOnly date))
                {
                    await foreach (EventBatch batch in reader.ReadAsync(date, found.Token).ConfigureAwait(false))
                    {
                        Array.Resize(ref buffer, Math.Max(buffer.Length, batch.Count));
                        if (Has(batch, filter, buffer.AsSpan(0, batch.Count)))
                        {
                            await found.CancelAsync().ConfigureAwait(false);
                            return true;
                        }
                    }
                }
            }
            catch (OperationCanceledException) when (found.IsCancellationRequested)
            {
                // Another one has found it or failed, or the caller gave up: all of which is told above.
            }
            catch
            {
                await found.CancelAsync().ConfigureAwait(false);
                throw;
            }

            return false;
        }
    }

    private bool Has(EventBatch batch, HashFilter filter, Span<ulong> hashes)
    {
        _identities.Hash(batch, hashes);
        foreach (ulong hash in hashes[..filter.Keep(hashes)])
        {
            if (hash != 0 && _hashes.Has(hash))
            {
                return true;
            }
        }

        return false;
    }
}
