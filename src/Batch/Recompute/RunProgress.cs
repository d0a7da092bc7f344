namespace Lambda.Batch.Recompute;

/// <summary>Where a run stands.</summary>
/// <param name="Step">What it does, in words.</param>
/// <param name="Share">How much of the whole is done, from 0 to 1.</param>
internal readonly record struct RunProgress(string Step, double Share)
{
    public static readonly RunProgress Waiting = new("waiting for another run", 0);
    public static readonly RunProgress Sealing = new("sealing epochs", 0.02);
    public static readonly RunProgress Archiving = new("archiving the log", 0.05);
    public static readonly RunProgress Writing = new("writing the generation", 0.7);
    public static readonly RunProgress Auditing = new("auditing", 0.8);
    public static readonly RunProgress Publishing = new("publishing", 0.95);
    public static readonly RunProgress Done = new("done", 1);

    private const double ReadingFrom = 0.25;

    /// <summary>Reading in parts, of which some are done.</summary>
    public static RunProgress ReadingParts(int done, int parts) => Reading((double)done / parts) with { Step = $"reading history in {parts} parts" };

    /// <summary>Reading, of which a share is done.</summary>
    public static RunProgress Reading(double share) => new("reading history", ReadingFrom + (share * (Writing.Share - ReadingFrom)));
}
