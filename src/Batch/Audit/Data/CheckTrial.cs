using System.Text.Json;
using DuckDB.NET.Data;
using Lambda.Quality;
using Lambda.Views;

namespace Lambda.Batch.Audit.Data;

/// <summary>
/// Tries the checks of a stream that only DuckDB can tell to be right or wrong, on no rows, so that a wrong one stops a start and not, hours later, a
/// publication.
/// </summary>
internal static class CheckTrial
{
    /// <summary>Tries them.</summary>
    /// <exception cref="DefinitionException">One is wrong; the message names the stream and the check.</exception>
    public static async Task RunAsync(StreamDefinition stream, CancellationToken cancellationToken)
    {
        IReadOnlyList<DataCheck> checks =
            [.. stream.DataChecks.Where(check => check is PatternCheck or SqlCheck or ReferenceCheck { Values: ReferencedFile })];
        if (checks.Count == 0)
        {
            return;
        }

        using AuditEngines engines = new();
        EventRelation relation = await EventRelation.OpenAsync(engines, stream, [], cancellationToken).ConfigureAwait(false);
        await using (relation.ConfigureAwait(false))
        {
            await TryAsync(relation, stream, checks, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task TryAsync(EventRelation relation, StreamDefinition stream, IReadOnlyList<DataCheck> checks, CancellationToken cancellationToken)
    {
        for (int i = 0; i < checks.Count; i++)
        {
            try
            {
                await TryAsync(relation, checks[i], i, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is DuckDBException or CheckException)
            {
                throw new DefinitionException($"Stream '{stream.Name}', check '{checks[i].Name}': {error.Message}", error);
            }
        }
    }

    private static async Task TryAsync(EventRelation relation, DataCheck check, int number, CancellationToken cancellationToken)
    {
        switch (check)
        {
            case PatternCheck pattern:
                // Over a row, as an expression that no row meets is never compiled.
                await relation.QueryAsync($"SELECT regexp_full_match(text, {ColumnSql.Literal(pattern.Pattern)}) FROM (SELECT 'a' AS text)", cancellationToken)
                    .ConfigureAwait(false);
                break;
            case SqlCheck sql:
                await RequireSelectAsync(relation, sql, cancellationToken).ConfigureAwait(false);
                await relation.QueryAsync($"{RowPlans.SelectOf(sql)} LIMIT 0", cancellationToken).ConfigureAwait(false);
                break;
            case ReferenceCheck reference:
                ReferenceTables files = new((_, _) => throw new InvalidOperationException("A file is no stream."));
                await files.LoadAsync(relation, reference, number, cancellationToken).ConfigureAwait(false);
                break;
            default:
                throw new InvalidOperationException($"Data check {check} cannot be tried.");
        }
    }

    /// <summary>A check asks; it does not change anything, and it is one question.</summary>
    private static async Task RequireSelectAsync(EventRelation relation, SqlCheck check, CancellationToken cancellationToken)
    {
        IReadOnlyList<object?[]> rows = await relation
            .QueryAsync($"SELECT json_serialize_sql({ColumnSql.Literal(check.FailingRows)})::VARCHAR", cancellationToken).ConfigureAwait(false);
        using JsonDocument parsed = JsonDocument.Parse((string)rows[0][0]!);
        if (parsed.RootElement.GetProperty("error").GetBoolean())
        {
            throw new CheckException($"the query cannot be read: {parsed.RootElement.GetProperty("error_message").GetString()}");
        }

        if (parsed.RootElement.GetProperty("statements").GetArrayLength() != 1)
        {
            throw new CheckException("the query is not one SELECT. Give one that selects the rows that are wrong.");
        }
    }
}
