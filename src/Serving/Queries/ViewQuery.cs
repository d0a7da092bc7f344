using Lambda.Definition;
using Lambda.Serving.Answers;
using Lambda.Serving.Formats;
using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Windows;

namespace Lambda.Serving.Queries;

/// <summary>Answers queries of views: composes windows from one snapshot of the store, and says what the answer is worth.</summary>
internal sealed class ViewQuery(Catalog catalog, IViewStore store, StreamObserver observer)
{
    /// <summary>Answers a query.</summary>
    /// <exception cref="ViewStoreException">The store cannot be read.</exception>
    /// <exception cref="RequestException">Its windows have too many parts.</exception>
    public async ValueTask<ViewAnswer> RunAsync(ViewRequest request, CancellationToken cancellationToken)
    {
        ViewDefinition view = request.View;
        ReadScope scope = request.Layer == ViewLayer.Speed ? ReadScope.Speed : ReadScope.Merged;
        ViewSnapshot snapshot = await RangeRead.ReadAsync(store, request, scope, cancellationToken).ConfigureAwait(false);
        WindowParts.RequireFew(request, snapshot);
        ComposedWindows windows = ComposedWindows.Of(request, snapshot);

        // Read after the snapshot, so that no correction of its generation is missing.
        IReadOnlyList<PublishedCorrection> corrections = snapshot.Generation is null || windows.Rows.Count == 0
            ? []
            : await store.ReadCorrectionsAsync(view.Layout, windows.Range, int.MaxValue, cancellationToken).ConfigureAwait(false);
        QualitySummary? quality = await ReadQualityAsync(snapshot.Generation, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<LogGap> gaps = await store.ReadGapsAsync(view.Stream, cancellationToken).ConfigureAwait(false);
        StreamState state = await observer.ObserveAsync(catalog.FindStream(view.Stream)!, snapshot.Stream, cancellationToken).ConfigureAwait(false);

        CorrectionIndex corrected = new(request, corrections, request.Layer == ViewLayer.Speed ? null : snapshot.Generation?.Generation);
        ViewDefinition rows = request.Rows;
        string[] keyNames = [.. rows.Keys.Select(key => key.Name)];
        string[] valueNames = [.. rows.Aggregates.Select(aggregate => aggregate.Name)];
        return new ViewAnswer(
            view.Name,
            view.Layout.Version,
            view.Stream,
            request.Layer,
            snapshot.Generation?.Generation,
            Coverage.BoundaryOf(snapshot).Offsets,
            state.Watermark == WatermarkTracker.None ? null : Instants.ToDateTimeOffset(state.Watermark),
            state.Lag,
            state.Freshness,
            Coverage.Judge(request, snapshot, gaps, LogLosses.Problems(view.Stream, state, LogLosses.Lost(state.Partitions, gaps))),
            quality,
            windows.LateEvents,
            windows.HasMore,
            windows.NextCursor,
            [
                .. windows.Rows.Select(row => new ViewRow(
                    KeyText.Named(rows.Keys, keyNames, row.Key),
                    Instants.ToDateTimeOffset(row.Start),
                    Instants.ToDateTimeOffset(row.End),
                    row.Address.First,
                    new NamedValues(valueNames, row.Results),
                    Status(view, row, state.Watermark, corrected.Find(row)),
                    corrected.Find(row),
                    windows.ProvenanceOf(row))),
            ]);
    }

    private static WindowStatus Status(ViewDefinition view, WindowRow row, long watermark, long? correctedBy) =>
        !view.Window.IsComplete(new TimeWindow(row.Start, row.End), row.EventCount, watermark) ? WindowStatus.Open
        : correctedBy is null ? WindowStatus.Complete
        : WindowStatus.Corrected;

    private async ValueTask<QualitySummary?> ReadQualityAsync(GenerationInfo? generation, CancellationToken cancellationToken)
    {
        return generation is not null
            && await store.FindAuditAsync(generation.Stream, generation.Generation, cancellationToken).ConfigureAwait(false) is { } report
            ? new QualitySummary(
                report.Outcome,
                report.AuditedAt,
                report.Checks.Count,
                [.. report.Checks.Where(check => check.Verdict == CheckVerdict.Failed).Select(check => check.Name)])
            : null;
    }
}
