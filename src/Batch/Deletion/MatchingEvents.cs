using System.Data.Common;
using System.Text.Json;
using DuckDB.NET.Data;
using Lambda.Batch.Archive;
using Lambda.Batch.Audit.Data;
using Lambda.Batch.History;
using Lambda.Log;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;

namespace Lambda.Batch.Deletion;

/// <summary>Finds events of a history by a condition in the SQL of DuckDB, over the columns that the history's files have.</summary>
internal static class MatchingEvents
{
    /// <summary>By date of their event times, where the events stand that match.</summary>
    /// <param name="engines">What answers.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="archive">Its history.</param>
    /// <param name="below">Only events below it.</param>
    /// <param name="condition">The condition; events for which it is null do not match.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="BatchException">The condition is wrong, or fails on the data.</exception>
    /// <exception cref="HistoryException">A file is missing.</exception>
    public static async Task<IReadOnlyDictionary<DateOnly, IReadOnlySet<LogPosition>>> FindAsync(
        AuditEngines engines, StreamDefinition stream, IArchiveSnapshot archive, Boundary below, string condition, CancellationToken cancellationToken)
    {
        SortedDictionary<DateOnly, IReadOnlySet<LogPosition>> found = [];
        using LocalFiles files = await archive.OpenFilesAsync(cancellationToken).ConfigureAwait(false);
        EventRelation relation = await EventRelation.OpenAsync(engines, stream, files.Paths, cancellationToken).ConfigureAwait(false);
        await using (relation.ConfigureAwait(false))
        {
            try
            {
                await RequireConditionAsync(relation, condition, cancellationToken).ConfigureAwait(false);

                // The condition on lines of its own: it may end in a comment.
                string query = $"SELECT _partition, _offset, epoch_us({ColumnSql.Of(stream.EventTime)}) FROM events\n"
                    + $"WHERE {EventRelation.Below(below)} AND (\n{condition}\n)";
                await foreach (DbDataReader row in relation.ReadAsync(query, cancellationToken).ConfigureAwait(false))
                {
                    DateOnly date = DateOnly.FromDateTime(UtcMicroseconds.ToDateTime(row.GetInt64(2)));
                    if (!found.TryGetValue(date, out IReadOnlySet<LogPosition>? positions))
                    {
                        found[date] = positions = new HashSet<LogPosition>();
                    }

                    ((HashSet<LogPosition>)positions).Add(new LogPosition(row.GetInt32(0), row.GetInt64(1)));
                }
            }
            catch (DuckDBException error)
            {
                throw new BatchException($"Stream '{stream.Name}': the condition cannot be used: {error.Message}", error);
            }
        }

        return found;
    }

    /// <summary>
    /// Refuses what is no condition, or one with more behind it. It is parsed without the brackets that it is to stand between: one that closed them would reach behind the
    /// boundary.
    /// </summary>
    private static async Task RequireConditionAsync(EventRelation relation, string condition, CancellationToken cancellationToken)
    {
        IReadOnlyList<object?[]> rows = await relation
            .QueryAsync($"SELECT json_serialize_sql({ColumnSql.Literal($"SELECT 1 WHERE\n{condition}\n")})::VARCHAR", cancellationToken).ConfigureAwait(false);
        using JsonDocument parsed = JsonDocument.Parse((string)rows[0][0]!);
        JsonElement root = parsed.RootElement;
        if (root.GetProperty("error").GetBoolean())
        {
            throw new BatchException(
                $"The condition cannot be read: {root.GetProperty("error_message").GetString()}. Give one that could stand behind WHERE, such as "
                + "\"user_id = 'u-17'\"; put column names that are words of SQL in double quotes.");
        }

        if (root.GetProperty("statements").GetArrayLength() != 1 || !HasConditionOnly(root.GetProperty("statements")[0].GetProperty("node")))
        {
            throw new BatchException("The condition is more than one. Give one that could stand behind WHERE, such as \"user_id = 'u-17'\".");
        }
    }

    /// <summary>Whether a query has a condition and nothing behind it.</summary>
    private static bool HasConditionOnly(JsonElement query) =>
        query.GetProperty("type").GetString() == "SELECT_NODE"
        && query.GetProperty("where_clause").ValueKind != JsonValueKind.Null
        && query.GetProperty("group_expressions").GetArrayLength() == 0
        && query.GetProperty("having").ValueKind == JsonValueKind.Null
        && query.GetProperty("qualify").ValueKind == JsonValueKind.Null
        && query.GetProperty("modifiers").GetArrayLength() == 0;
}
