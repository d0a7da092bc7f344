using System.Text.Json;

namespace Lambda.Events.Json;

/// <summary>
/// Finds the partition key of a JSON record: the text of one of its top-level members. A record that is not JSON, or has no such member, has an
/// empty key, so that it is logged all the same and refused by the layers. Not safe for use by several threads at once.
/// </summary>
internal sealed class RecordKeyReader
{
    private readonly MemberTable _members;
    private readonly int? _key;
    private byte[] _scratch = new byte[256];

    /// <param name="schema">The schema of the stream.</param>
    /// <param name="key">The member that chooses the partition; null when there is none.</param>
    public RecordKeyReader(EventSchema schema, EventMember? key)
    {
        _members = new MemberTable(schema.Members);
        _key = key is null ? null : schema.Members.ToList().IndexOf(key);
    }

    /// <summary>The key; valid until the next call and as long as <paramref name="json"/> is.</summary>
    public ReadOnlySpan<byte> Read(ReadOnlySpan<byte> json)
    {
        if (_key is null)
        {
            return default;
        }

        try
        {
            return Find(json);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return default;
        }
    }

    private ReadOnlySpan<byte> Find(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json);
        ReadOnlySpan<byte> key = default;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return key;
        }

        // To the end, as the last member of a name counts.
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isKey = _members.Find(Text(ref reader), _key!.Value) == _key;
            reader.Read();
            if (isKey)
            {
                key = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray or JsonTokenType.Null ? default : Text(ref reader);
            }

            reader.Skip();
        }

        // One more read refuses anything but white space behind the object.
        reader.Read();
        return key;
    }

    private ReadOnlySpan<byte> Text(scoped ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        // A buffer of its own for each escaped text: a later name must not overwrite the key that was found.
        _scratch = new byte[reader.ValueSpan.Length];
        return _scratch.AsSpan(0, reader.CopyString(_scratch));
    }
}
