using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace Lambda.Serving.Tests.Running;

/// <summary>What Arrow's own reader finds in a stream, as text.</summary>
internal sealed record ArrowTable(IReadOnlyList<string> Columns, IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<int> Batches, IReadOnlyList<string[]> Rows)
{
    public static async Task<ArrowTable> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using ArrowStreamReader reader = new(stream);
        Schema schema = await reader.GetSchema(cancellationToken);
        List<int> batches = [];
        List<string[]> rows = [];
        while (await reader.ReadNextRecordBatchAsync(cancellationToken) is { } batch)
        {
            using RecordBatch read = batch;
            batches.Add(batch.Length);
            rows.AddRange(Enumerable.Range(0, batch.Length).Select(row => (string[])[.. batch.Arrays.Select(array => TextOf(array, row))]));
        }

        return new ArrowTable([.. schema.FieldsList.Select(Describe)], schema.Metadata, batches, rows);
    }

    private static string Describe(Field field)
    {
        string type = field.DataType switch
        {
            TimestampType { Unit: TimeUnit.Microsecond, Timezone: var zone } => $"timestamp[us, {zone}]",
            Decimal128Type { Precision: var digits, Scale: var scale } => $"decimal128({digits}, {scale})",
            var other => other.Name,
        };
        return $"{field.Name} {type}{(field.IsNullable ? "" : " not null")}";
    }

    private static string TextOf(IArrowArray array, int row) => array.IsNull(row) ? "null" : array switch
    {
        StringArray texts => texts.GetString(row),
        BooleanArray flags => flags.GetValue(row) is true ? "true" : "false",
        Int32Array numbers => numbers.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture),
        Int64Array numbers => numbers.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture),
        FloatArray numbers => numbers.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture),
        DoubleArray numbers => numbers.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture),
        Decimal128Array numbers => numbers.GetString(row),
        TimestampArray instants => instants.GetTimestamp(row)!.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException(array.GetType().Name),
    };
}
