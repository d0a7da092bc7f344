using Lambda.Serving.Answers;
using Parquet;
using Parquet.Schema;

namespace Lambda.Serving.Formats;

/// <summary>A column of an answer's rows in a Parquet file.</summary>
internal abstract class ParquetColumn
{
    /// <summary>Its name and type in the file.</summary>
    public abstract DataField Field { get; }

    /// <summary>Writes its values of all rows.</summary>
    public abstract Task WriteAsync(ParquetRowGroupWriter group, IReadOnlyList<ViewRow> rows, CancellationToken cancellationToken);

    /// <summary>A column of values of one size.</summary>
    public sealed class Values<T>(DataField declared, Func<ViewRow, T?> value) : ParquetColumn
        where T : struct
    {
        public override DataField Field => declared;

        public override async Task WriteAsync(ParquetRowGroupWriter group, IReadOnlyList<ViewRow> rows, CancellationToken cancellationToken)
        {
            T?[] values = new T?[rows.Count];
            for (int row = 0; row < values.Length; row++)
            {
                values[row] = value(rows[row]);
            }

            await group.WriteAsync<T>(declared, values.AsMemory(), cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A column of texts.</summary>
    public sealed class Texts(string name, Func<ViewRow, string?> value) : ParquetColumn
    {
        public override DataField Field { get; } = new DataField<string>(name, nullable: true);

        public override async Task WriteAsync(ParquetRowGroupWriter group, IReadOnlyList<ViewRow> rows, CancellationToken cancellationToken) =>
            await group.WriteAsync(Field, [.. rows.Select(value)]).ConfigureAwait(false);
    }
}
