using Lambda.Serving.Answers;
using Lambda.Views;
using Parquet;
using Parquet.Schema;

namespace Lambda.Serving.Formats;

/// <summary>Writes the rows of an answer as a Parquet file: the columns of CSV with their types, and the envelope's main parts as the file's metadata.</summary>
internal static class ParquetRows
{
    /// <summary>Writes the file.</summary>
    /// <param name="view">The view whose rows they are.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="file">Where it goes; it has to know its position.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task WriteAsync(ViewDefinition view, ViewAnswer answer, Stream file, CancellationToken cancellationToken)
    {
        IReadOnlyList<ParquetColumn> columns = AnswerColumns.Of(view, ParquetForms.Instance);
        ParquetSchema schema = new([.. columns.Select(column => column.Field)]);
        ParquetWriter writer = await ParquetWriter.CreateAsync(schema, file, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            writer.CustomMetadata = AnswerMetadata.Of(answer);
            if (answer.Rows.Count > 0)
            {
                using ParquetRowGroupWriter group = writer.CreateRowGroup();
                foreach (ParquetColumn column in columns)
                {
                    await column.WriteAsync(group, answer.Rows, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }
}
