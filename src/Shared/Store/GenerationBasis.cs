using System.Collections.ObjectModel;
using Lambda.Log;

namespace Lambda.Store;

/// <summary>What a later run has to know of a generation to go on from it instead of reading the whole history again.</summary>
/// <param name="Computation">Stands for everything that decides what becomes of an event; another one asks for a run over everything.</param>
/// <param name="Rows">By date, how many rows of the history lie below the boundary: files may be rewritten, but no row may come or go.</param>
/// <param name="Undecodable">How many undecodable records lie below the boundary.</param>
/// <param name="Missing">The offsets below the boundary that are nowhere, in accepted gaps.</param>
internal sealed record GenerationBasis(
    string Computation, IReadOnlyDictionary<DateOnly, long> Rows, long Undecodable, IReadOnlyList<MissingOffsets> Missing)
{
    /// <summary>Which history the rows are of: the id of its Delta table. Generations of earlier versions have none.</summary>
    public string? HistoryId { get; init; }

    /// <summary>What the generation holds, by version of a view; null when that was not noted, as it once was not.</summary>
    public IReadOnlyList<ViewContents>? Contents { get; init; }

    /// <summary>
    /// What checks of the data as a whole measured of the rows below the boundary, by a name that stands for what was measured and how. A list is as long as the
    /// figure has parts, and empty where there was nothing to measure. Generations of earlier versions have none.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Figures { get; init; } = ReadOnlyDictionary<string, IReadOnlyList<long>>.Empty;
}

/// <summary>Offsets of a partition that are in no table of a history.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Offsets">The offsets.</param>
internal sealed record MissingOffsets(int Partition, OffsetRange Offsets);
