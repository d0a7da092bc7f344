using Lambda.Jobs;
using Lambda.Serving.Answers;
using Lambda.Serving.Reference;
using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Lambda.Serving.Api;

/// <summary>What audits found, what they have measured, and what a stream's data are like.</summary>
internal static class QualityEndpoints
{
    private const int UsualLimit = 50;
    private const int MaxLimit = 1_000;

    private static readonly QueryParameter Metric = new(
        "metric", JsonSchemaType.String, "The metric by its name in messages of checks.", "mean of delay");

    public static void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder quality = api.MapGroup("/quality").WithTags("Quality");
        quality.MapGet("", ReadAuditsAsync)
            .WithSummary("Lists audits")
            .WithDescription("What the audits of a stream's generations found, newest first, with samples of the rows that failed.")
            .WithParameters(QueryParameters.Stream, QueryParameters.Limit)
            .ProducesProblem(400).ProducesProblem(404);
        quality.MapGet("/metrics", ReadMetricAsync)
            .WithSummary("Shows the history of a metric")
            .WithDescription("The figures that checks of anomaly and drift have measured of generations that went live, newest first.")
            .WithParameters(QueryParameters.Stream, Metric, QueryParameters.Limit)
            .ProducesProblem(400).ProducesProblem(404);
        quality.MapPost("/profile", ProfileAsync)
            .WithSummary("Profiles a stream")
            .WithDescription("Archives what the log holds, reads the whole history of a stream, describes its columns and proposes checks. Takes a while.")
            .WithParameters(QueryParameters.Stream)
            .Produces<StreamProfile>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);
    }

    private static async Task<IEnumerable<QualityAnswer>> ReadAuditsAsync(
        HttpRequest http, ViewRequestReader reader, IViewStore store, CancellationToken cancellationToken)
    {
        Parameters parameters = new(http.Query);
        StreamDefinition stream = reader.TakeStream(parameters);
        int limit = parameters.TakeNumber("limit", UsualLimit, 1, MaxLimit);
        parameters.MustBeEmpty("Parameters are: stream, limit.");
        IReadOnlyList<AuditReport> audits = await store.ReadAuditsAsync(stream.Name, limit, cancellationToken).ConfigureAwait(false);
        return audits.Select(audit => new QualityAnswer(
            audit.Stream,
            audit.Generation,
            audit.AuditedAt,
            audit.Outcome,
            [.. audit.Checks.Select(CheckAnswer.Of)]));
    }

    private static async Task<IEnumerable<MetricPointAnswer>> ReadMetricAsync(
        HttpRequest http, ViewRequestReader reader, IViewStore store, CancellationToken cancellationToken)
    {
        Parameters parameters = new(http.Query);
        StreamDefinition stream = reader.TakeStream(parameters);
        string metric = parameters.Take(Metric.Name) ?? throw new RequestException(
            StatusCodes.Status400BadRequest, "The metric is missing.", "Say which metric, such as metric=mean of delay.");
        int limit = parameters.TakeNumber("limit", UsualLimit, 1, MaxLimit);
        parameters.MustBeEmpty("Parameters are: stream, metric, limit.");
        IReadOnlyList<MetricPoint> points = await store.ReadMetricAsync(stream.Name, metric, limit, cancellationToken).ConfigureAwait(false);
        string[] measured = [.. stream.DataChecks.Select(check => check.KeptMetric).OfType<string>().Distinct()];

        // A metric whose check is declared has no points before the first generation; one whose check is gone keeps its points.
        if (points.Count == 0 && !measured.Contains(metric, StringComparer.Ordinal))
        {
            throw RequestException.NotFound(
                $"Stream '{stream.Name}' has no metric '{Parameters.Shorten(metric)}'. "
                + (measured.Length > 0 ? $"Those that its checks measure are: {string.Join(", ", measured)}." : "None of its checks is of anomaly or drift, which measure metrics."))
                .With("metrics", measured);
        }

        return points.Select(point => new MetricPointAnswer(point.Generation, point.MeasuredAt, point.Value, point.Distribution));
    }

    private static async Task<StreamProfile> ProfileAsync(HttpRequest http, ViewRequestReader reader, CancellationToken cancellationToken)
    {
        Parameters parameters = new(http.Query);
        StreamDefinition stream = reader.TakeStream(parameters);
        parameters.MustBeEmpty("Parameters are: stream.");
        IStreamProfiler profiler = http.HttpContext.RequestServices.GetService<IStreamProfiler>() ?? throw new NoBatchLayerException(
            $"Stream '{stream.Name}' cannot be profiled here, as this process does not run the batch layer. Ask the process that does.");
        return await profiler.ProfileAsync(stream.Name, cancellationToken).ConfigureAwait(false);
    }
}
