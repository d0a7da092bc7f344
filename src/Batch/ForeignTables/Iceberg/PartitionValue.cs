using System.Globalization;
using Avro;

namespace Lambda.Batch.ForeignTables.Iceberg;

/// <summary>Values of partitions as manifests have them.</summary>
internal static class PartitionValue
{
    /// <summary>The value as text that its type can be read from again; null for null.</summary>
    /// <exception cref="FormatException">It is of a type that has no such text.</exception>
    public static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        bool flag => flag ? "true" : "false",
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        Guid identifier => identifier.ToString("D"),
        AvroDecimal number => AvroDecimal.ToDecimal(number).ToString(CultureInfo.InvariantCulture),
        byte[] bytes => Convert.ToHexString(bytes),
        global::Avro.Generic.GenericFixed bytes => Convert.ToHexString(bytes.Value),
        int or long or float or double => Convert.ToString(value, CultureInfo.InvariantCulture),
        _ => throw new FormatException($"a partition value is of the type {value.GetType().Name}"),
    };
}
