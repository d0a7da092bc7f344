using Lambda.Log;
using Lambda.Store;

namespace Lambda.Replays;

/// <summary>The past of streams as records of their logs. The batch layer, whose history it is, implements it; replays read it.</summary>
internal interface IArchivedRecords
{
    /// <summary>How far the history of a stream reaches now: per partition the first offset that is not in it, or where the partition begins.</summary>
    ValueTask<Boundary> FindEndAsync(string stream, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the content of a batch by the records from an offset on that lie before another one: events as the log had them, members aside that their type
    /// does not have, and records that could not be decoded. What was deleted is left out. Usually that is all of them; the batch says where the next read goes on.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="from">The first offset.</param>
    /// <param name="to">The first offset that is not wanted any more; not behind the end of the history.</param>
    /// <param name="destination">Takes the records.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    ValueTask ReadAsync(string stream, int partition, long from, long to, RecordBatch destination, CancellationToken cancellationToken);
}
