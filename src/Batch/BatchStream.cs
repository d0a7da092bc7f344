using Lambda.Batch.Archive;
using Lambda.Views;
using Lambda.Views.Plans;

namespace Lambda.Batch;

/// <summary>A stream as the batch layer works on it.</summary>
/// <param name="Plan">Its definition, compiled.</param>
/// <param name="Partitions">How many partitions its log has.</param>
/// <param name="Archive">Its past.</param>
internal sealed record BatchStream(StreamPlan Plan, int Partitions, IStreamArchive Archive) : IDisposable
{
    /// <summary>
    /// Held while this process archives the stream, or puts a group of its files together. Two that archive would read the log twice for nothing, and of
    /// both kinds only one has many rows in memory at a time.
    /// </summary>
    public SemaphoreSlim WritingTurn { get; } = new(1, 1);

    /// <summary>
    /// Held by the job that archives the stream, which comes up every minute: archiving a backlog takes hours, and jobs that waited for it would take all workers of the process.
    /// </summary>
    public SemaphoreSlim ArchivingJob { get; } = new(1, 1);

    /// <summary>The definition.</summary>
    public StreamDefinition Definition => Plan.Stream;

    /// <summary>The name.</summary>
    public string Name => Plan.Stream.Name;

    public void Dispose()
    {
        WritingTurn.Dispose();
        ArchivingJob.Dispose();
        Archive.Dispose();
    }
}
