using Lambda.Batch.Archive;
using Lambda.Events;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Batch.Recompute;

/// <summary>
/// The generation that a run goes on from: all that it holds is carried over, and only events behind its boundary are read and merged into it. That gives
/// what a run over everything gives, as partials merge exactly, if nothing but new events has come to the history since.
/// </summary>
/// <param name="From">The generation.</param>
/// <param name="Basis">What it was computed from.</param>
internal sealed record CarryOver(GenerationInfo From, GenerationBasis Basis)
{
    /// <summary>The generation that can be gone on from, or why there is none.</summary>
    public static (CarryOver? Found, string? Obstacle) Find(BatchStream stream, IArchiveSnapshot archive, SpeedCoverage speed)
    {
        if (speed.Current is not { } current)
        {
            return (null, "nothing was published before");
        }

        if (stream.Definition.Views.Any(view => speed.CurrentOf(view) is null))
        {
            return (null, $"generation {current.Generation} does not hold the present definition of every view");
        }

        if (speed.Basis is not { } basis)
        {
            return (null, $"it is not known any more what generation {current.Generation} was computed from");
        }

        if (archive.Deletion is { } deletion && deletion.Version > current.HistoryVersion)
        {
            return (null, $"events were deleted from the history since generation {current.Generation}");
        }

        return basis.Computation == ComputationFingerprint.Of(stream.Definition)
            ? (new CarryOver(current, basis), null)
            : (null, $"the views, the checks or the code that they call are not what they were for generation {current.Generation}");
    }

    /// <summary>Why what was computed of the new events cannot be merged into the generation; null when it can.</summary>
    public async Task<string?> FindObstacleAsync(Computation computation, IArchiveSnapshot archive, StreamDefinition stream, CancellationToken cancellationToken)
    {
        if (computation.Overtaken > 0)
        {
            return computation.Overtaken == 1
                ? $"an event of generation {From.Generation} is a repetition of a new one that stands at a lower offset of another partition"
                : $"{computation.Overtaken} events of generation {From.Generation} are repetitions of new ones that stand at lower offsets of other partitions";
        }

        if (computation.UndecodableBefore != Basis.Undecodable)
        {
            return $"the quarantine of the history holds {computation.UndecodableBefore} records below {From.Boundary}, where it held {Basis.Undecodable}";
        }

        HashSet<DateOnly> grown = [.. archive.DatesFrom(From.Boundary)];
        foreach (DateOnly date in archive.Rows.Keys.Union(Basis.Rows.Keys).Order())
        {
            long? rows = archive.Rows.GetValueOrDefault(date, 0);
            long before = Basis.Rows.GetValueOrDefault(date);
            long added = grown.Contains(date) ? await CountAddedAsync(date, archive, stream, cancellationToken).ConfigureAwait(false) : 0;
            if (rows != before + added)
            {
                return $"the history of {date:yyyy-MM-dd} has {(rows is null ? "an unknown number of" : $"{rows - added}")} events below {From.Boundary}, where it "
                    + $"had {before}";
            }
        }

        return null;
    }

    /// <summary>What a later run goes on from.</summary>
    /// <param name="carried">What this run went on from; null when it computed everything.</param>
    /// <param name="computation">What it computed.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="report">What the audit measured of it.</param>
    public static GenerationBasis BasisOf(CarryOver? carried, Computation computation, StreamDefinition stream, AuditReport report)
    {
        SortedDictionary<DateOnly, long> rows = [];
        foreach ((DateOnly date, long count) in (carried?.Basis.Rows ?? new Dictionary<DateOnly, long>()).Concat(computation.RowsByDate))
        {
            rows[date] = rows.GetValueOrDefault(date) + count;
        }

        Dictionary<string, IReadOnlyList<long>> figures = [];
        foreach ((string name, IReadOnlyList<long> figure) in report.Checks.SelectMany(check => check.Figures))
        {
            figures[name] = figure;
        }

        return new GenerationBasis(ComputationFingerprint.Of(stream), rows, computation.Undecodable, [.. Missing(carried, computation)]) { Figures = figures };
    }

    /// <summary>All offsets below the boundary that are nowhere, by partition.</summary>
    public static IEnumerable<MissingOffsets> Missing(CarryOver? carried, Computation computation) => (carried?.Basis.Missing ?? [])
        .Concat(Enumerable.Range(0, computation.Coverage.Partitions).SelectMany(
            computation.Coverage.Missing, (partition, offsets) => new MissingOffsets(partition, offsets)))
        .OrderBy(missing => missing.Partition)
        .ThenBy(missing => missing.Offsets.Start);

    private async Task<long> CountAddedAsync(DateOnly date, IArchiveSnapshot archive, StreamDefinition stream, CancellationToken cancellationToken)
    {
        long count = 0;
        Projection nothing = Projection.Of(stream.Schema, []);
        await foreach (EventBatch batch in archive
            .ReadAsync(date, nothing, new StringDictionary(), new ArchiveRange(From.Boundary, archive.End), cancellationToken).ConfigureAwait(false))
        {
            count += batch.Count;
        }

        return count;
    }
}
