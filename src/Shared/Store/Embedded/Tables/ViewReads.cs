using DuckDB.NET.Data;
using Lambda.Store.Embedded.Batch;
using Lambda.Store.Embedded.Streams;
using Lambda.Store.Relational;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Store.Embedded.Tables;

/// <summary>Answers queries of the serving layer from one snapshot.</summary>
internal sealed class ViewReads(ViewCatalog catalog)
{
    /// <summary>Reads what a query needs.</summary>
    public ViewSnapshot Read(DuckDBConnection connection, ViewRead read)
    {
        ViewTable table = catalog.Find(read.View);
        string stream = table.Layout.Stream;
        StreamStatus status = StreamReads.ReadStatus(connection, stream)
            ?? throw new ViewStoreException($"The store holds view '{read.View.View}' but not its stream '{stream}'. Restore it from a copy.");
        GenerationInfo? generation = GenerationRows.FindServed(connection, status.CurrentGeneration, table.Layout);
        List<string> wanted = [.. table.Conditions(read.Range, read.Key)];
        ViewCoverage coverage = ViewCatalog.ReadCoverage(connection, [table])[0];
        string epochs = SpeedEpochs(connection, status, read.Scope, generation);
        return new ViewSnapshot(
            status,
            coverage.From,
            coverage.ComparableFrom,
            generation,
            ReadBatch(connection, table, read.Scope, generation, wanted),
            PartialScan.ReadAll(connection, table, table.SpeedName, [epochs, .. wanted]));
    }

    /// <summary>Reads how much of a stream is computed for views.</summary>
    public StreamCoverage ReadCoverage(DuckDBConnection connection, string stream, IReadOnlyList<PartialLayout> views) => new(
        StreamReads.ReadStatus(connection, stream),
        ViewCatalog.ReadCoverage(connection, [.. views.Select(catalog.Find)]));

    /// <summary>Which epochs are read. Without a generation all that the version has begin at its coverage.</summary>
    private static string SpeedEpochs(DuckDBConnection connection, StreamStatus status, ReadScope scope, GenerationInfo? generation) => scope switch
    {
        ReadScope.Speed => EditionLane.Holds(status.Edition),
        ReadScope.Merged => generation is null
            ? EditionLane.Holds(status.Edition)
            : EpochFilter.From(StreamReads.ReadEpochsFrom(connection, status.Stream, generation.Boundary), generation.Boundary),
        ReadScope.Comparison => generation is null ? "false" : EpochFilter.Below(StreamReads.ReadEpochsFrom(connection, status.Stream, generation.Boundary), generation.Boundary),
        _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, "Unknown scope."),
    };

    private static Dictionary<PartialKind, PartialBatch> ReadBatch(
        DuckDBConnection connection, ViewTable table, ReadScope scope, GenerationInfo? generation, List<string> wanted)
    {
        if (generation is null || scope == ReadScope.Speed)
        {
            return [];
        }

        PartialKind[] kinds = scope == ReadScope.Comparison ? Enum.GetValues<PartialKind>() : [PartialKind.Kept];
        return kinds.ToDictionary(kind => kind, kind => PartialScan.ReadAll(
            connection, table, table.BatchName, [GenerationFilter.Of(generation, table.BatchName), $"kind = {(int)kind}", .. wanted]));
    }
}
