using Lambda.Serving.Answers;
using Lambda.Serving.Formats;
using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Serving.Queries;

/// <summary>Which windows a comparison lists.</summary>
internal enum ComparedWindows
{
    /// <summary>Those in which the layers differ.</summary>
    Differing,

    /// <summary>All of them.</summary>
    All,
}

/// <summary>Compares what both layers say about the offsets below the boundary, and explains the difference.</summary>
internal sealed class ComparisonQuery(IViewStore store)
{
    /// <summary>Compares the windows of a range.</summary>
    /// <exception cref="ViewStoreException">The store cannot be read.</exception>
    /// <exception cref="RequestException">Its windows have too many parts.</exception>
    public async ValueTask<ComparisonAnswer> RunAsync(ViewRequest request, ComparedWindows list, CancellationToken cancellationToken)
    {
        ViewDefinition view = request.View;
        ViewSnapshot snapshot = await RangeRead.ReadAsync(store, request, ReadScope.Comparison, cancellationToken).ConfigureAwait(false);
        WindowParts.RequireFew(request, snapshot);
        string? reason = WhyNot(view, snapshot);
        Comparison comparison = new(request.Rows, request.Range, snapshot.ComparableFrom);
        (ComparisonTotals totals, IReadOnlyList<ComparedWindow> listed) = reason is null ? comparison.Compare(snapshot, list) : (Comparison.Sum([]), []);
        long comparableFrom = snapshot.ComparableFrom;
        return new ComparisonAnswer(
            view.Name,
            view.Layout.Version,
            view.Stream,
            reason is null,
            reason,
            snapshot.Generation?.Generation,
            Coverage.BoundaryOf(snapshot).Offsets,
            comparableFrom <= Time.UtcMicroseconds.MinValue ? null : Instants.ToDateTimeOffset(comparableFrom),
            totals,
            listed.Count > request.Limit,
            [.. listed.Take(request.Limit)]);
    }

    private static string? WhyNot(ViewDefinition view, ViewSnapshot snapshot)
    {
        if (snapshot.Generation is null)
        {
            return $"No generation of view '{view.Name}' has been published with its present definition, so there is nothing to compare with. "
                + Coverage.RunBatch(view);
        }

        return snapshot.Stream.Starts.Covers(snapshot.Coverage)
            ? null
            : $"The speed layer computes view '{view.Name}' with its present definition from offsets {snapshot.Coverage} on, and the batch layer from the "
                + "first one, so the layers do not cover the same events and cannot be compared.";
    }
}
