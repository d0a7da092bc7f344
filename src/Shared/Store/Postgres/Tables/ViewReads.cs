using Lambda.Store.Postgres.Batch;
using Lambda.Store.Postgres.Streams;
using Lambda.Store.Relational;
using Lambda.Views;
using Npgsql;

namespace Lambda.Store.Postgres.Tables;

/// <summary>Answers queries of the serving layer from one snapshot.</summary>
internal sealed class ViewReads(ViewCatalog catalog)
{
    /// <summary>Reads what a query needs.</summary>
    public async ValueTask<ViewSnapshot> ReadAsync(NpgsqlConnection connection, ViewRead read)
    {
        ViewTable table = await catalog.FindAsync(connection, read.View).ConfigureAwait(false);
        string stream = table.Layout.Stream;
        StreamStatus status = await StreamReads.ReadStatusAsync(connection, stream).ConfigureAwait(false)
            ?? throw new ViewStoreException($"The store holds view '{read.View.View}' but not its stream '{stream}'. Restore it from a backup.");
        GenerationInfo? generation = await GenerationRows.FindServedAsync(connection, status.CurrentGeneration, table.Layout).ConfigureAwait(false);
        PartialFilter speed = PartialFilter.Of(table, read.Range, read.Key);
        speed.LiesBesideOverlapping(read.Range).And(await SpeedEpochsAsync(connection, status, read.Scope, generation).ConfigureAwait(false));

        return new ViewSnapshot(
            status,
            await Coverage.ReadAsync(connection, table, status.Edition).ConfigureAwait(false),
            await ViewCatalog.ReadComparableFromAsync(connection, table).ConfigureAwait(false),
            generation,
            await ReadBatchAsync(connection, table, read, generation).ConfigureAwait(false),
            await PartialScan.ReadAllAsync(connection, table, table.SpeedName, speed).ConfigureAwait(false));
    }

    /// <summary>Reads how much of a stream is computed for views.</summary>
    public async ValueTask<StreamCoverage> ReadCoverageAsync(NpgsqlConnection connection, string stream, IReadOnlyList<PartialLayout> views)
    {
        StreamStatus? status = await StreamReads.ReadStatusAsync(connection, stream).ConfigureAwait(false);
        List<ViewCoverage> coverages = [];
        foreach (PartialLayout view in views)
        {
            ViewTable table = await catalog.FindAsync(connection, view).ConfigureAwait(false);
            coverages.Add(new ViewCoverage(
                await Coverage.ReadAsync(connection, table, status?.Edition ?? 0).ConfigureAwait(false),
                await ViewCatalog.ReadComparableFromAsync(connection, table).ConfigureAwait(false)));
        }

        return new StreamCoverage(status, coverages);
    }

    /// <summary>Which epochs are read. Without a generation all that the version has begin at its coverage.</summary>
    private static async ValueTask<string> SpeedEpochsAsync(NpgsqlConnection connection, StreamStatus status, ReadScope scope, GenerationInfo? generation)
    {
        if (generation is null || scope == ReadScope.Speed)
        {
            return scope == ReadScope.Comparison ? "false" : EditionLane.Holds(status.Edition);
        }

        IReadOnlyList<EpochInfo> epochs = await StreamReads.ReadEpochsFromAsync(connection, status.Stream, generation.Boundary).ConfigureAwait(false);
        return scope == ReadScope.Merged ? EpochFilter.From(epochs, generation.Boundary) : EpochFilter.Below(epochs, generation.Boundary);
    }

    private static async ValueTask<Dictionary<PartialKind, Views.Partials.PartialBatch>> ReadBatchAsync(
        NpgsqlConnection connection, ViewTable table, ViewRead read, GenerationInfo? generation)
    {
        Dictionary<PartialKind, Views.Partials.PartialBatch> batch = [];
        if (generation is null || read.Scope == ReadScope.Speed)
        {
            return batch;
        }

        foreach (PartialKind kind in read.Scope == ReadScope.Comparison ? Enum.GetValues<PartialKind>() : [PartialKind.Kept])
        {
            PartialFilter filter = PartialFilter.Of(table, read.Range, read.Key)
                .And($"{GenerationFilter.Of(generation, table.BatchName)} AND kind = {(int)kind}");
            batch[kind] = await PartialScan.ReadAllAsync(connection, table, table.BatchName, filter).ConfigureAwait(false);
        }

        return batch;
    }
}
