using System.Diagnostics;
using Lambda.Log;

namespace Lambda.Hosting.Ingest;

/// <summary>Takes a file into a stream, a batch at a time.</summary>
internal sealed class Ingestion(EventFile file, IEventSink sink)
{
    /// <summary>What one append takes: enough that the sync of the disk costs little per record.</summary>
    private const int BatchRecords = 16_384;
    private const int BatchBytes = 4 << 20;

    /// <summary>How many records have been appended and are durable.</summary>
    public long Appended { get; private set; }

    /// <summary>Appends all that the file holds.</summary>
    /// <param name="onProgress">Is called after each append.</param>
    /// <param name="cancellationToken">Ends the work after the append that is under way.</param>
    /// <exception cref="IngestException">The file cannot be read to its end; <see cref="Appended"/> says how far it went.</exception>
    public async Task<IngestResult> RunAsync(Action<IngestProgress> onProgress, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        using RecordBatch batch = new(BatchRecords, BatchBytes);
        bool more = true;
        while (more)
        {
            cancellationToken.ThrowIfCancellationRequested();
            batch.Clear();
            more = await file.ReadAsync(batch, cancellationToken).ConfigureAwait(false);
            if (batch.Count > 0)
            {
                // Not cancelled half-way, so that the count is right.
                await sink.AppendAsync(batch, CancellationToken.None).ConfigureAwait(false);
                Appended += batch.Count;
            }

            onProgress(new IngestProgress(Appended, file.Position, file.Progress, Stopwatch.GetElapsedTime(start)));
        }

        return new IngestResult(Appended, file.RefusedCount, file.Refused, Stopwatch.GetElapsedTime(start));
    }
}

/// <summary>How far a file has been taken in.</summary>
/// <param name="Appended">Records appended and durable.</param>
/// <param name="Position">Records of the file that are done with, those left out or refused included.</param>
/// <param name="Share">The share of the file, from 0 to 1; null when it has no known end.</param>
/// <param name="Elapsed">Since the beginning.</param>
internal readonly record struct IngestProgress(long Appended, long Position, double? Share, TimeSpan Elapsed)
{
    /// <summary>Records per second.</summary>
    public double Rate => Elapsed > TimeSpan.Zero ? Appended / Elapsed.TotalSeconds : 0;
}

/// <summary>What came of taking in a file.</summary>
/// <param name="Appended">Records appended.</param>
/// <param name="RefusedCount">Records too large for the log.</param>
/// <param name="Refused">The first of them.</param>
/// <param name="Elapsed">How long it took.</param>
internal sealed record IngestResult(long Appended, long RefusedCount, IReadOnlyList<RefusedRow> Refused, TimeSpan Elapsed);
