using System.Globalization;
using Lambda.Serving.Answers;
using Lambda.Serving.Queries;
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
        IReadOnlyList<ParquetColumn> columns = ColumnsOf(view);
        ParquetSchema schema = new([.. columns.Select(column => column.Field)]);
        ParquetWriter writer = await ParquetWriter.CreateAsync(schema, file, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            writer.CustomMetadata = MetadataOf(answer);
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

    private static List<ParquetColumn> ColumnsOf(ViewDefinition view)
    {
        Queue<string> names = new(CsvColumns.Of(view));
        List<ParquetColumn> columns = [];
        for (int part = 0; part < view.Keys.Count; part++)
        {
            columns.Add(ParquetColumn.OfKey(names.Dequeue(), view.Keys[part].Type, part));
        }

        columns.Add(ParquetColumn.Instant(names.Dequeue(), row => row.WindowStart));
        columns.Add(ParquetColumn.Instant(names.Dequeue(), row => row.WindowEnd));
        if (view.Layout.HasPositions)
        {
            columns.Add(ParquetColumn.Number(names.Dequeue(), row => row.Position?.Partition));
            columns.Add(ParquetColumn.Number(names.Dequeue(), row => row.Position?.Offset));
        }

        for (int aggregate = 0; aggregate < view.Aggregates.Count; aggregate++)
        {
            columns.Add(ParquetColumn.OfResult(names.Dequeue(), view.Aggregates[aggregate].Function.ResultType, aggregate));
        }

        columns.Add(ParquetColumn.Text(names.Dequeue(), row => WireNames.Camel(row.Status.ToString())));
        columns.Add(ParquetColumn.Number(names.Dequeue(), row => row.CorrectedBy));
        columns.Add(ParquetColumn.Number(names.Dequeue(), row => row.Provenance.BatchEvents));
        columns.Add(ParquetColumn.Number(names.Dequeue(), row => row.Provenance.SpeedEvents));
        columns.Add(ParquetColumn.Number(names.Dequeue(), row => row.Provenance.LateEvents));
        return columns;
    }

    private static Dictionary<string, string> MetadataOf(ViewAnswer answer)
    {
        Dictionary<string, string> metadata = new(StringComparer.Ordinal)
        {
            ["lambda.view"] = answer.View,
            ["lambda.version"] = answer.Version,
            ["lambda.layer"] = WireNames.Camel(answer.Layer.ToString()),
            ["lambda.complete"] = answer.Completeness.Complete ? "true" : "false",
            ["lambda.truncated"] = answer.Truncated ? "true" : "false",
        };
        if (answer.Generation is { } generation)
        {
            metadata["lambda.generation"] = generation.ToString(CultureInfo.InvariantCulture);
        }

        if (answer.Watermark is { } watermark)
        {
            metadata["lambda.watermark"] = Instants.ToText(watermark);
        }

        return metadata;
    }
}
