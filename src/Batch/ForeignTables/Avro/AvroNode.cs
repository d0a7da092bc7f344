using System.Text.Json;

namespace Lambda.Batch.ForeignTables.Avro;

/// <summary>A schema of Avro by what its values are written as, to read records one by one without what is not asked for.</summary>
internal abstract class AvroNode
{
    private const int MaxScale = 38;

    private AvroNode()
    {
    }

    /// <summary>What the value stands for; null for itself.</summary>
    public string? Logical { get; private init; }

    /// <summary>How many digits of a decimal are behind the point.</summary>
    public int Scale { get; private init; }

    /// <summary>Reads a schema.</summary>
    /// <exception cref="FormatException">It makes no sense.</exception>
    public static AvroNode Parse(string schema)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(schema);
            return Parse(document.RootElement, "", new Dictionary<string, AvroNode>(StringComparer.Ordinal));
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException($"its schema makes no sense: {error.Message.TrimEnd('.')}", error);
        }
    }

    private static AvroNode Parse(JsonElement type, string around, Dictionary<string, AvroNode> named)
    {
        if (type.ValueKind == JsonValueKind.Array)
        {
            return new Union([.. type.EnumerateArray().Select(option => Parse(option, around, named))]);
        }

        if (type.ValueKind == JsonValueKind.String)
        {
            string text = type.GetString()!;
            return Plain.Names.Contains(text) ? new Plain(text)
                : named.GetValueOrDefault(AvroNames.Full(text, around)) ?? throw new FormatException($"its schema has the type '{text}', which it does not tell");
        }

        JsonElement inner = type.GetProperty("type");
        string? logical = type.TryGetProperty("logicalType", out JsonElement meaning) ? meaning.GetString() : null;
        int scale = type.TryGetProperty("scale", out JsonElement digits) ? digits.GetInt32() : 0;
        if (scale is < 0 or > MaxScale)
        {
            throw new FormatException($"its schema has a decimal with {scale} digits behind the point");
        }

        switch (inner.ValueKind == JsonValueKind.String ? inner.GetString() : null)
        {
            case "record":
                // The record may lie in itself, so it is known before its fields are.
                Record record = new() { Logical = logical };
                Remember(type, around, named, record);
                foreach (JsonElement field in type.GetProperty("fields").EnumerateArray())
                {
                    record.Add(field.GetProperty("name").GetString()!, Parse(field.GetProperty("type"), AvroNames.SpaceOf(type, around), named));
                }

                return record;
            case "enum":
                return Remember(type, around, named, new Choice([.. type.GetProperty("symbols").EnumerateArray().Select(symbol => symbol.GetString()!)]));
            case "fixed":
                return Remember(type, around, named, new Fixed(type.GetProperty("size").GetInt32()) { Logical = logical, Scale = scale });
            case "array":
                return new Items(Parse(type.GetProperty("items"), around, named));
            case "map":
                return new Map(Parse(type.GetProperty("values"), around, named));
            case { } plain when Plain.Names.Contains(plain):
                return new Plain(plain) { Logical = logical, Scale = scale };
            default:
                return Parse(inner, around, named);
        }
    }

    private static AvroNode Remember(JsonElement type, string around, Dictionary<string, AvroNode> named, AvroNode node)
    {
        named[AvroNames.Full(type.GetProperty("name").GetString()!, AvroNames.SpaceOf(type, around))] = node;
        return node;
    }

    /// <summary>A value without a structure.</summary>
    internal sealed class Plain(string name) : AvroNode
    {
        /// <summary>The types of such.</summary>
        public static readonly string[] Names = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

        /// <summary>The type.</summary>
        public string Name { get; } = name;
    }

    /// <summary>A fixed number of bytes.</summary>
    internal sealed class Fixed(int size) : AvroNode
    {
        /// <summary>How many.</summary>
        public int Size { get; } = size;
    }

    /// <summary>One of several texts.</summary>
    internal sealed class Choice(IReadOnlyList<string> symbols) : AvroNode
    {
        /// <summary>The texts.</summary>
        public IReadOnlyList<string> Symbols { get; } = symbols;
    }

    /// <summary>Named values.</summary>
    internal sealed class Record : AvroNode
    {
        private readonly List<(string Name, AvroNode Type)> _fields = [];

        /// <summary>The values, in the order in which they are written.</summary>
        public IReadOnlyList<(string Name, AvroNode Type)> Fields => _fields;

        internal void Add(string name, AvroNode type) => _fields.Add((name, type));
    }

    /// <summary>An array.</summary>
    internal sealed class Items(AvroNode element) : AvroNode
    {
        /// <summary>What its elements are.</summary>
        public AvroNode Element { get; } = element;
    }

    /// <summary>Values by text.</summary>
    internal sealed class Map(AvroNode value) : AvroNode
    {
        /// <summary>What the values are.</summary>
        public AvroNode Value { get; } = value;
    }

    /// <summary>One of several types.</summary>
    internal sealed class Union(IReadOnlyList<AvroNode> options) : AvroNode
    {
        /// <summary>The types.</summary>
        public IReadOnlyList<AvroNode> Options { get; } = options;
    }
}
