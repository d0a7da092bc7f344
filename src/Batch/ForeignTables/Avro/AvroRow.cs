using System.Globalization;
using Avro.Generic;

namespace Lambda.Batch.ForeignTables.Avro;

/// <summary>A record of an Avro file, by the names of its fields. A field that the record does not have is null, as versions of the formats differ in what they tell.</summary>
internal readonly struct AvroRow(GenericRecord record)
{
    /// <summary>The value of a field.</summary>
    public object? this[string name] => record.TryGetValue(name, out object value) ? value : null;

    /// <summary>The fields, in their order.</summary>
    public IEnumerable<(string Name, object? Value)> Fields
    {
        get
        {
            GenericRecord of = record;
            return of.Schema.Fields.Select(inner => (inner.Name, (object?)of.GetValue(inner.Pos)));
        }
    }

    /// <summary>A number.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public long Number(string name) => Find(name) ?? throw new FormatException($"a record has no '{name}'");

    /// <summary>A number; null where there is none.</summary>
    public long? Find(string name) => this[name] is { } value ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : null;

    /// <summary>A text.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public string Text(string name) => this[name] as string ?? throw new FormatException($"a record has no '{name}'");

    /// <summary>A record within.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public AvroRow Row(string name) => this[name] is GenericRecord inner ? new AvroRow(inner) : throw new FormatException($"a record has no '{name}'");
}
