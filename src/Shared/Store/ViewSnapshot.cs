using Lambda.Views.Partials;

namespace Lambda.Store;

/// <summary>What the store held of a view at one instant.</summary>
/// <param name="Stream">The state of the stream.</param>
/// <param name="Coverage">From which offsets on the speed layer has computed this view version.</param>
/// <param name="ComparableFrom">Windows that begin here or later, in UTC microseconds, have all their speed partials and can be compared between the
/// layers; earlier ones may have lost some to expiry.</param>
/// <param name="Generation">The current generation if it holds this view version, else the newest that did and is kept; null when there is none.</param>
/// <param name="Batch">The generation's partials by kind; several kinds only when a comparison is read.</param>
/// <param name="Speed">Speed partials; there may be several for the same address, of different partitions and epochs.</param>
internal sealed record ViewSnapshot(
    StreamStatus Stream,
    Boundary Coverage,
    long ComparableFrom,
    GenerationInfo? Generation,
    IReadOnlyDictionary<PartialKind, PartialBatch> Batch,
    PartialBatch Speed);
