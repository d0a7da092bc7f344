namespace Lambda.Batch.History.Delta;

/// <summary>Which tables can be read and written: those that ask for nothing that is not implemented. A guess would give wrong rows.</summary>
internal static class ProtocolSupport
{
    public const string ColumnMapping = "columnMapping";
    public const string DeletionVectors = "deletionVectors";
    public const string NewCheckpoints = "v2Checkpoint";

    private const int ReaderVersionOfColumnMapping = 2;
    private const int ReaderVersionOfFeatures = 3;
    private const int WriterVersionOfFeatures = 7;
    private const int WriterVersion = 2;

    /// <summary>Features of writers that ask nothing of one that only appends rows of its own schema.</summary>
    private static readonly string[] WriterFeatures = ["appendOnly", "invariants"];

    /// <summary>Refuses a table that needs more of a reader.</summary>
    /// <param name="protocol">What the table asks for.</param>
    /// <param name="features">The features that its reader has.</param>
    /// <param name="table">The table, as messages name it.</param>
    public static void EnsureReadable(DeltaProtocol protocol, IReadOnlyCollection<string> features, string table)
    {
        string? missing = protocol.MinReaderVersion switch
        {
            < ReaderVersionOfColumnMapping => null,
            ReaderVersionOfColumnMapping => features.Contains(ColumnMapping) ? null : $"{ColumnMapping} (reader version 2)",
            ReaderVersionOfFeatures => string.Join(", ", protocol.ReaderFeatures.Except(features)) is { Length: > 0 } unknown ? unknown : null,
            _ => $"reader version {protocol.MinReaderVersion}",
        };
        if (missing is not null)
        {
            throw new HistoryException(
                $"The Delta table '{table}' needs a reader with: {missing}. That is not supported. Rewrite the table without it.");
        }
    }

    /// <summary>Refuses a table that needs more of a writer.</summary>
    public static void EnsureWritable(DeltaSnapshot snapshot)
    {
        DeltaProtocol protocol = snapshot.Protocol;
        string? missing = protocol.MinWriterVersion switch
        {
            <= WriterVersion => null,
            WriterVersionOfFeatures when protocol.WriterFeatures.Except(WriterFeatures).ToArray() is var unknown =>
                unknown.Length == 0 ? null : string.Join(", ", unknown),
            _ => $"writer version {protocol.MinWriterVersion}",
        };
        missing ??= snapshot.Metadata.SchemaString.Contains("delta.invariants", StringComparison.Ordinal) ? "column invariants" : null;
        if (missing is not null)
        {
            throw new HistoryException(
                $"The Delta table '{snapshot.Table}' needs a writer with: {missing}. That is not supported. Nothing was written; "
                + "rewrite the table without it, or give the history another folder.");
        }
    }
}
