using System.Text.Json;
using System.Text.Json.Serialization;
using Lambda.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lambda.Hosting.Health;

/// <summary>Tells machines whether the process lives and whether it does its job.</summary>
internal static class HealthEndpoints
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Maps <c>/health/live</c> and <c>/health/ready</c>.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder health = app.MapGroup("/health").WithTags("Health");
        health.MapGet("/live", () => Results.Text("alive"))
            .WithSummary("Says that the process lives")
            .WithDescription("Depends on nothing but the process. Restart it when this does not answer.");
        health.MapGet("/ready", ReadyAsync)
            .WithSummary("Says whether the parts of this process do their job")
            .WithDescription("200 when all of them do, 503 when one does not, with the reasons. A part that does its job although something went wrong is "
                + "degraded, which is 200. parts=store,log asks those alone. Answers within about 2 seconds, whatever hangs.")
            .Produces<HealthAnswer>().Produces<HealthAnswer>(StatusCodes.Status503ServiceUnavailable).ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> ReadyAsync(IReadOnlyList<HealthProbe> probes, HttpContext context, string? parts = null)
    {
        string[] wanted = parts?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [.. probes.Select(probe => probe.Part)];
        if (wanted.Length == 0 || wanted.Except(probes.Select(probe => probe.Part), StringComparer.OrdinalIgnoreCase).Any())
        {
            return Results.Problem(
                $"parts names the parts to ask, with commas between. Those of this process are: {string.Join(", ", probes.Select(probe => probe.Part))}.",
                statusCode: StatusCodes.Status400BadRequest, title: "There is no such part.");
        }

        context.Response.Headers.CacheControl = "no-store";
        PartAnswer[] answers = await Task.WhenAll(probes
            .Where(probe => wanted.Contains(probe.Part, StringComparer.OrdinalIgnoreCase))
            .Select(probe => AskAsync(probe, context.RequestAborted))).ConfigureAwait(false);
        HealthAnswer answer = new(answers.Max(part => part.Status), answers);
        return Results.Json(
            answer, Json, statusCode: answer.Status == HealthState.NotReady ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }

    private static async Task<PartAnswer> AskAsync(HealthProbe probe, CancellationToken cancellationToken)
    {
        PartHealth health = await probe.AskAsync(cancellationToken).ConfigureAwait(false);
        return new PartAnswer(
            probe.Part, health.State, health.Reason, [.. health.Items.Select(item => new ItemAnswer(item.Name, item.State, item.Reason))]);
    }
}
