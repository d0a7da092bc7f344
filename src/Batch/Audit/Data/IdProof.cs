using Lambda.Batch.Recompute.Duplicates;
using Lambda.Events;
using Lambda.Store;

namespace Lambda.Batch.Audit.Data;

/// <summary>Proves that all events of a generation have different ids, repetitions aside, or does not.</summary>
/// <param name="subject">What is audited.</param>
/// <param name="threads">How many threads may read.</param>
internal sealed class IdProof(AuditSubject subject, int threads)
{
    private readonly EventMember? _id = subject.Stream.Definition.EventId;

    /// <summary>Whether it is about the values of a key.</summary>
    public bool IsOf(UniqueKey key) => _id is not null && key.IsOnly(_id);

    /// <summary>Whether it is proved.</summary>
    /// <param name="known">The boundary below which it is known that ids differ; null when that is not known of any events.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="History.HistoryException">A file is missing or damaged.</exception>
    public async Task<bool> TryAsync(Boundary? known, CancellationToken cancellationToken)
    {
        if (subject.Computation.From is null)
        {
            return subject.Computation.HasDistinctIds;
        }

        if (_id is null || known is null)
        {
            return false;
        }

        NewIds ids = new(_id, subject.Stream.Definition.Schema, subject.Archive, subject.NewFiles(known), subject.Computation.Removed.ToHashSet());
        return await ids.AreDistinctAsync(known, threads, cancellationToken).ConfigureAwait(false);
    }
}
