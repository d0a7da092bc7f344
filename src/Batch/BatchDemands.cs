using Lambda.Batch.Jobs;
using Lambda.Definition;

namespace Lambda.Batch;

/// <summary>
/// What options have to be for the streams of a program. A process that does not run the batch layer has them too, mostly those of the process that does: told by
/// the first of them to start, they need not be looked for in the log of the last.
/// </summary>
internal static class BatchDemands
{
    /// <summary>Holds options against the streams.</summary>
    /// <exception cref="ArgumentException">A schedule is no cron expression, or windows would expire while they still take events.</exception>
    public static void Check(Catalog catalog, BatchOptions options)
    {
        RetentionCheck.Check(catalog, options);
        BatchSchedules.Check(catalog, options);
    }
}
