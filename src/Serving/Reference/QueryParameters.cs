using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;

namespace Lambda.Serving.Reference;

/// <summary>A parameter of the query string as the API's reference shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What it is.</param>
/// <param name="Description">What it means.</param>
/// <param name="Example">A value; null for none.</param>
internal sealed record QueryParameter(string Name, JsonSchemaType Type, string Description, string? Example);

/// <summary>
/// The parameters of the query string. They are read by hand, since any key part of a view is one too, so they are described by hand.
/// </summary>
internal static class QueryParameters
{
    public static readonly QueryParameter Limit = new(
        "limit", JsonSchemaType.Integer, "How many rows are wanted at most; 'truncated' says whether there are more.", "100");

    public static readonly QueryParameter RollUp = new(
        "rollup", JsonSchemaType.Boolean, "true merges all keys that pass the filter into one row per window.", "true");

    public static readonly QueryParameter All = new("all", JsonSchemaType.Boolean, "true lists windows that do not differ too.", "true");

    public static readonly QueryParameter Stream = new(
        "stream", JsonSchemaType.String, "The stream; may be left out when there is only one.", null);

    public static readonly QueryParameter Reason = new(
        "reason", JsonSchemaType.String, "Only records with this reason, such as malformed; several with ',' between them.", "malformed");

    public static readonly QueryParameter Partition = new("partition", JsonSchemaType.Integer, "Only records of this partition, by offset, the highest first.", "0");

    public static readonly QueryParameter Below = new("below", JsonSchemaType.Integer, "Only records of the partition below this offset.", "1200");

    public static readonly IReadOnlyList<QueryParameter> Range =
    [
        new("from", JsonSchemaType.String, "Windows that end after this instant (ISO 8601; UTC when it has no offset).", "2001-01-01T00:00:00Z"),
        new("to", JsonSchemaType.String, "Windows that begin before this instant.", "2001-01-02T00:00:00Z"),
    ];

    public static readonly IReadOnlyList<QueryParameter> Key =
    [
        new("key", JsonSchemaType.String,
            "The key, for a view whose key has one part. Every key part also is a parameter of its own name, or key.<name> where that name is taken.", null),
        new("isNull", JsonSchemaType.String, "Names of key parts that must be null, with ',' between them.", null),
    ];

    public static readonly IReadOnlyList<QueryParameter> Followed =
    [
        new("layer", JsonSchemaType.String, "merged (the default), batch or speed.", "merged"),
        RollUp,
        new("order", JsonSchemaType.String,
            "windowStart (the default), a key part or an aggregate; '-' before it or ' desc' after it for the greatest first; several with ',' between.",
            "-windowStart"),
        Limit,
    ];

    public static readonly IReadOnlyList<QueryParameter> Rows =
    [
        .. Followed,
        new("cursor", JsonSchemaType.String,
            "'nextCursor' of an answer, or its header Lambda-Next-Cursor: the rows that come next, also when others came or went since. View, layer, rollup and order "
            + "must be the same.", null),
        new("format", JsonSchemaType.String, "json, ndjson, csv, parquet or arrow; header Accept chooses when it is missing.", "json"),
    ];

    /// <summary>Describes parameters of an endpoint.</summary>
    public static RouteHandlerBuilder WithParameters(this RouteHandlerBuilder endpoint, params IReadOnlyList<QueryParameter> parameters) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            foreach (QueryParameter parameter in parameters)
            {
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = parameter.Name,
                    In = ParameterLocation.Query,
                    Description = parameter.Description,
                    Schema = new OpenApiSchema { Type = parameter.Type },
                    Example = parameter.Example is { } example ? JsonValue.Create(example) : null,
                });
            }

            return Task.CompletedTask;
        });
}
