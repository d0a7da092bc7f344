namespace Lambda.Batch.Recompute;

/// <summary>What a run, or a worker of it, holds in memory, and how much it may.</summary>
/// <param name="stream">The stream.</param>
/// <param name="maxBytes">How many bytes it may take, about.</param>
/// <param name="holder">Who holds it, as messages say it.</param>
internal sealed class HeldMemory(string stream, long maxBytes, string holder)
{
    /// <summary>Requires that it is no more than it may be.</summary>
    /// <param name="partialBytes">What partials take, and the order of their events.</param>
    /// <param name="removed">The events that count in nothing.</param>
    /// <exception cref="BatchException">It is more.</exception>
    public void Require(long partialBytes, RemovedRows removed)
    {
        if (partialBytes + removed.ByteCount <= maxBytes)
        {
            return;
        }

        throw new BatchException(removed.ByteCount < partialBytes
            ? $"The partials of stream '{stream}' outgrow the memory that a run may take, {maxBytes >> 20} MiB for {holder}. Views that count "
                + "events take some for each event before which others may still come: many, where the log is not about in the order of event time. Set MaxPartialBytes to "
                + "more, as far as the machine has it."
            : $"So many events of stream '{stream}' count in nothing, {removed.Refused.Count} refused and {removed.Repetitions.Count} repeated so far, that they outgrow the memory that a run may take, "
                + $"{maxBytes >> 20} MiB for {holder}.{Example(removed)} See whether the checks, the views' expressions and the id are what they should be; if so, set MaxPartialBytes to more, as far as "
                + "the machine has it.");
    }

    private static string Example(RemovedRows removed) => removed.Refused is [.., var last]
        ? $" The last one refused is partition {last.Position.Partition}, offset {last.Position.Offset}: {last.Detail}"
        : "";
}
