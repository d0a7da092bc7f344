using Lambda.Definition;
using Lambda.Health;
using Lambda.Replays;
using Lambda.Serving.Api;
using Lambda.Serving.Console;
using Lambda.Serving.Formats;
using Lambda.Serving.Health;
using Lambda.Serving.Live;
using Lambda.Serving.Queries;
using Lambda.Serving.Reference;
using Lambda.Serving.Requests;
using Lambda.Serving.Security;
using Lambda.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Lambda.Serving;

/// <summary>The serving layer: the API over merged views, its reference page and the web console.</summary>
public static class ServingLayer
{
    /// <summary>
    /// Adds the services of the layer. The application adds the catalogue, the store, the log, the batch runs and a <see cref="TimeProvider"/>.
    /// </summary>
    /// <exception cref="OptionsValidationException">When the application starts: a limit makes no sense.</exception>
    public static IServiceCollection AddServingLayer(this IServiceCollection services, Action<ServingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<ServingOptions>().Configure(configure ?? (_ => { })).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ServingOptions>, OptionsCheck>();
        services.AddSingleton<ViewRequestReader>();
        services.AddSingleton<StreamObserver>();
        services.AddSingleton<ViewQuery>();
        services.AddSingleton<LiveListeners>();
        services.AddSingleton<LiveAnswers>();
        services.AddSingleton<ComparisonQuery>();
        services.AddSingleton<LogGrowth>();
        services.AddSingleton<StreamQuery>();
        services.TryAddSingleton<IArchivedRecords, NoArchivedRecords>();
        services.TryAddSingleton<ReplayService>();
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = NameAggregator);
        services.AddApiReference();
        services.ConfigureHttpJsonOptions(json => AnswerJson.Configure(json.SerializerOptions));
        return services;
    }

    /// <summary>Has the process say whether its views are whole.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="whileReplacing">The state of a view while the version before has what the new one lacks.</param>
    internal static IServiceCollection AddAnswersHealth(this IServiceCollection services, HealthState whileReplacing) =>
        services.AddSingleton<IHealthSource>(provider => new AnswersHealth(
            provider.GetRequiredService<Catalog>(), provider.GetRequiredService<IServingStore>(), whileReplacing));

    /// <summary>
    /// Maps <c>/api</c>, <c>/openapi</c>, <c>/docs</c> and the console at <c>/</c>, which ask for a key when there are any, and guards the whole application, endpoints
    /// of others included, against pages of other sites. Call it before anything else is mapped.
    /// </summary>
    public static WebApplication MapServingLayer(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        Guard(app);

        RouteGroupBuilder api = Api(app);
        ViewEndpoints.Map(api);
        StreamEndpoints.Map(api);
        QualityEndpoints.Map(api);
        QuarantineEndpoints.Map(api);
        BatchRunEndpoints.Map(api);
        ReplayEndpoints.Map(api);
        IngestEndpoints.Map(api);
        GapEndpoints.Map(api);
        ApiReference.Map(app);
        ConsoleFiles.Map(app);
        return app;
    }

    /// <summary>
    /// Guards an application that runs other layers as <see cref="MapServingLayer"/> does, and maps nothing. Call it before anything is mapped.
    /// </summary>
    public static WebApplication GuardRequests(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        Guard(app);
        return app;
    }

    /// <summary>
    /// Maps <c>/api/batch</c>, <c>/api/generations</c> and <c>/api/quality</c> alone, for a process of the batch layer that does not serve: who asks it to delete events
    /// asks it for the run after that too, for why that was blocked, and for the generation to go back to.
    /// Call it after <see cref="GuardRequests"/>.
    /// </summary>
    public static WebApplication MapBatchRequests(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        RouteGroupBuilder api = Api(app);
        BatchRunEndpoints.Map(api);
        StreamEndpoints.MapGenerations(api);
        QualityEndpoints.Map(api);
        return app;
    }

    private static RouteGroupBuilder Api(WebApplication app) => app.MapGroup("/api").RequireByMethod()
        .AddEndpointFilter<Problems>()
        .AddEndpointFilter<QueryEncoding>()
        .AddEndpointFilter((context, next) =>
        {
            context.HttpContext.Response.Headers.CacheControl = "no-store";
            return next(context);
        });

    /// <summary>Says what is wrong with a user's aggregator, which throws as late as when an answer is written; other errors stay in the log.</summary>
    private static void NameAggregator(ProblemDetailsContext context)
    {
        if (context.HttpContext.Features.Get<IExceptionHandlerFeature>()?.Error is AggregatorException error)
        {
            context.ProblemDetails.Title = "An aggregator of the application failed.";
            context.ProblemDetails.Detail = error.Message;
        }
    }

    private static void Guard(WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseMiddleware<LocalRequests>();
        ApiReference.Guard(app);
        if (app.Services.GetRequiredService<IOptions<ServingOptions>>().Value.Keys.Count > 0)
        {
            app.UseMiddleware<KeyGuard>();
        }
    }

    private sealed class OptionsCheck : IValidateOptions<ServingOptions>
    {
        public ValidateOptionsResult Validate(string? name, ServingOptions options) =>
            options.IsValid(out string message) ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(message);
    }
}
