using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Range;
using Lambda.Store;

namespace Lambda.Batch.Audit.Data;

/// <summary>What earlier audits measured of rows that have not changed since.</summary>
/// <param name="Below">The rows: all below it that counted then, which are those that count now.</param>
/// <param name="Figures">The figures, by what they are known by.</param>
internal sealed record KnownFigures(Boundary Below, IReadOnlyDictionary<string, IReadOnlyList<long>> Figures)
{
    /// <summary>
    /// The figures of a generation that a run went on from; null when it computed everything, or looked at rows below the boundary again, as they may have
    /// changed.
    /// </summary>
    public static KnownFigures? Of(CarryOver? carried, RecomputedRange? range) =>
        carried is not null && range is null ? new KnownFigures(carried.From.Boundary, carried.Basis.Figures) : null;

    /// <summary>A figure; null when it is not known.</summary>
    public IReadOnlyList<long>? Find(string name) => Figures.GetValueOrDefault(name);
}
