using Apache.Arrow;
using Apache.Arrow.Ipc;
using Lambda.Serving.Answers;
using Lambda.Views;

namespace Lambda.Serving.Formats;

/// <summary>
/// Writes the rows of an answer in Arrow's streaming format: the columns of Parquet, the envelope's main parts as metadata of the schema, then the rows in batches, each of which is
/// sent before the next is made.
/// </summary>
internal static class ArrowRows
{
    /// <summary>How many rows a batch has: enough for the work per batch not to count, and few enough for little to be held beside the answer.</summary>
    public const int BatchSize = 4096;

    /// <summary>Writes the rows.</summary>
    /// <param name="view">The view whose rows they are.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="target">Where they go, in many small pieces.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task WriteAsync(ViewDefinition view, ViewAnswer answer, Stream target, CancellationToken cancellationToken)
    {
        IReadOnlyList<ArrowColumn> columns = AnswerColumns.Of(view, ArrowForms.Instance);
        Schema schema = new(columns.Select(column => column.Field), AnswerMetadata.Of(answer));
        using ArrowStreamWriter writer = new(target, schema, leaveOpen: true);
        await writer.WriteStartAsync(cancellationToken).ConfigureAwait(false);
        for (int first = 0; first < answer.Rows.Count; first += BatchSize)
        {
            using RecordBatch batch = Batch(schema, columns, [.. answer.Rows.Skip(first).Take(BatchSize)]);
            await writer.WriteRecordBatchAsync(batch, cancellationToken).ConfigureAwait(false);
        }

        await writer.WriteEndAsync(cancellationToken).ConfigureAwait(false);
    }

    private static RecordBatch Batch(Schema schema, IReadOnlyList<ArrowColumn> columns, ViewRow[] rows) =>
        new(schema, columns.Select(column => column.Take(rows)), rows.Length);
}
