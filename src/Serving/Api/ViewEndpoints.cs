using System.Text.Json.Nodes;
using Lambda.Definition;
using Lambda.Serving.Answers;
using Lambda.Serving.Formats;
using Lambda.Serving.Live;
using Lambda.Serving.Queries;
using Lambda.Serving.Reference;
using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lambda.Serving.Api;

/// <summary>Views: what they are, what they say, how the layers compare, what was corrected.</summary>
internal static class ViewEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder views = api.MapGroup("/views").WithTags("Views");
        views.MapGet("", (Catalog catalog) => catalog.Views.Select(Describe))
            .WithSummary("Lists the views")
            .WithDescription("Every view with its key, aggregates, window and lateness, in the order of their declaration.");
        views.MapGet("/{view}", QueryAsync)
            .WithSummary("Queries a view")
            .WithDescription(
                "Merged windows that overlap [from, to): what the batch layer has computed up to its boundary and what the speed layer has computed "
                + "after it, added up in one snapshot. Name a key part to filter by it, such as origin=ATL. Integers may exceed 53 bits and come with all "
                + "their digits; NaN and the infinities come as strings. With format=ndjson, csv, parquet or arrow the envelope's main parts are headers (Lambda-…).")
            .WithParameters([.. QueryParameters.Range, .. QueryParameters.Key, .. QueryParameters.Rows])
            .Produces<ViewAnswer>(200, "application/json", FormatChoice.Ndjson, FormatChoice.Csv, FormatChoice.Parquet, FormatChoice.Arrow)
            .ProducesProblem(400).ProducesProblem(404);
        views.MapGet("/{view}/live", LiveAsync)
            .WithSummary("Follows an answer")
            .WithDescription(
                "Server-sent events: 'answer' with what a query gives, at once and again whenever it says something else, at most once a second; 'problem' when the store "
                + "does not answer, until an 'answer' comes; 'alive' when nothing was sent for 15 seconds.")
            .WithParameters([.. QueryParameters.Range, .. QueryParameters.Key, .. QueryParameters.Followed])
            .Produces<ViewAnswer>(200, "text/event-stream")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);
        views.MapGet("/{view}/compare", CompareAsync)
            .WithSummary("Compares the layers")
            .WithDescription(
                "Batch and speed layer over the same offsets, those below the boundary, with the reasons for each difference in events. Lists the windows "
                + "that differ, or all of them with all=true. 'unexplained' is null as long as the law of conservation holds: accepted + late events "
                + "of the speed layer = kept + removed events of the batch layer, with equal aggregates.")
            .WithParameters([.. QueryParameters.Range, .. QueryParameters.Key, QueryParameters.RollUp, QueryParameters.All, QueryParameters.Limit])
            .Produces<ComparisonAnswer>()
            .ProducesProblem(400).ProducesProblem(404);
        views.MapGet("/{view}/corrections", CorrectionsAsync)
            .WithSummary("Lists corrections")
            .WithDescription("What publications of the batch layer changed in windows that overlap [from, to), and why; newest publication first.")
            .WithParameters([.. QueryParameters.Range, .. QueryParameters.Key, QueryParameters.Limit])
            .Produces<CorrectionsAnswer>()
            .ProducesProblem(400).ProducesProblem(404);
    }

    private static async Task<IResult> QueryAsync(
        string view, HttpRequest http, ViewRequestReader reader, ViewQuery query, CancellationToken cancellationToken)
    {
        Parameters parameters = new(http.Query);
        ResponseFormat format = parameters.TakeFormat(http);
        ViewRequest request = reader.ReadQuery(view, parameters);
        ViewAnswer answer = await query.RunAsync(request, cancellationToken).ConfigureAwait(false);
        return await ViewAnswerResult.CreateAsync(request.Rows, answer, format, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<IResult> LiveAsync(
        string view, HttpRequest http, ViewRequestReader reader, LiveListeners listeners, LiveAnswers live, CancellationToken cancellationToken)
    {
        ViewRequest request = reader.ReadLive(view, new Parameters(http.Query));
        http.HttpContext.Response.RegisterForDispose(listeners.Enter());
        return TypedResults.ServerSentEvents(await live.FollowAsync(request, cancellationToken).ConfigureAwait(false));
    }

    private static async Task<ComparisonAnswer> CompareAsync(
        string view, HttpRequest http, ViewRequestReader reader, ComparisonQuery query, CancellationToken cancellationToken)
    {
        Parameters parameters = new(http.Query);
        ComparedWindows list = parameters.TakeFlag("all") ? ComparedWindows.All : ComparedWindows.Differing;
        return await query.RunAsync(reader.ReadComparison(view, parameters), list, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<CorrectionsAnswer> CorrectionsAsync(
        string view, HttpRequest http, ViewRequestReader reader, IViewStore store, CancellationToken cancellationToken)
    {
        ViewRequest request = reader.ReadCorrections(view, new Parameters(http.Query));

        // The store cannot filter by key, and one more than wanted tells whether there are more.
        int needed = request.Key.Count > 0 ? int.MaxValue : request.Limit + 1;
        IReadOnlyList<PublishedCorrection> corrections = await store.ReadCorrectionsAsync(request.View.Layout, request.Range, needed, cancellationToken)
            .ConfigureAwait(false);
        List<PublishedCorrection> found =
            [.. corrections.Where(published => request.Selects(KeyText.Parse(request.View, published.Correction.Key))).Take(request.Limit + 1)];
        return new CorrectionsAnswer(
            request.View.Name,
            request.View.Layout.Version,
            found.Count > request.Limit,
            [.. found.Take(request.Limit).Select(Describe)]);
    }

    private static CorrectionAnswer Describe(PublishedCorrection published) => new(
        published.Generation,
        published.PublishedAt,
        JsonNode.Parse(published.Correction.Key),
        Instants.ToDateTimeOffset(published.Correction.WindowStart),
        Instants.ToDateTimeOffset(published.Correction.WindowEnd),
        published.Correction.First,
        published.Correction.Before is { } before ? JsonNode.Parse(before) : null,
        published.Correction.After is { } after ? JsonNode.Parse(after) : null,
        published.Correction.Reasons);

    private static ViewDescription Describe(ViewDefinition view) => new(
        view.Name,
        view.Layout.Version,
        view.Stream,
        [.. view.Keys.Select(key => new KeyDescription(key.Name, WireNames.Camel(key.Type.ToString()), key.IsNullable))],
        [
            .. view.Aggregates.Select(aggregate => new AggregateDescription(
                aggregate.Name, aggregate.Function.Signature, aggregate.Selector?.ToString())),
        ],
        new WindowDescription(view.Window.Form, view.Window.Size, view.Window.Signature),
        Instants.ToText(view.AllowedLateness));
}
