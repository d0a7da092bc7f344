namespace Lambda.Bench.Soak;

/// <summary>What the command line says.</summary>
/// <param name="IsKafka">Whether log and store are Kafka and PostgreSQL instead of those in a folder.</param>
/// <param name="Events">How many events are sent.</param>
/// <param name="Stretch">After how many a line is printed.</param>
/// <param name="Batch">What the batch layer does meanwhile.</param>
/// <param name="Growth">By how many percent memory may grow.</param>
/// <param name="EpochMegabytes">How much memory an epoch of a partition may take (<c>MaxEpochBytes</c>).</param>
/// <param name="StoreMegabytes">How much memory the embedded store may use; null leaves it at the default.</param>
internal sealed record SoakOptions(bool IsKafka, long Events, long Stretch, BatchWork Batch, int Growth, int EpochMegabytes, int? StoreMegabytes)
{
    private const long Million = 1_000_000;

    public static SoakOptions Read(string[] options)
    {
        OptionPairs pairs = new(options, "store", "millions", "line", "batch", "growth", "epoch-megabytes", "store-megabytes");
        string batch = pairs.Text("batch", "archive");
        string store = pairs.Text("store", "embedded");
        return new SoakOptions(
            store is "embedded" or "kafka" ? store == "kafka" : throw new ArgumentException($"--store is '{store}'. Give embedded or kafka."),
            pairs.Number("millions", 100) * Million,
            pairs.Number("line", 5) * Million,
            Enum.TryParse(batch, ignoreCase: true, out BatchWork work) ? work : throw new ArgumentException($"--batch is '{batch}'. Give none, archive or all."),
            pairs.Number("growth", 15),
            pairs.Number("epoch-megabytes", 16),
            pairs.Number("store-megabytes", 0) is > 0 and var megabytes ? megabytes : null);
    }
}

/// <summary>What the batch layer does during a soak.</summary>
internal enum BatchWork
{
    /// <summary>Nothing; the soak trims the log.</summary>
    None,

    /// <summary>Archives, compacts, expires, and trims the log.</summary>
    Archive,

    /// <summary>Recomputes as well.</summary>
    All,
}
