using System.Buffers;
using System.Text.Json;

namespace Lambda.Batch.History.Delta;

/// <summary>The content of <c>_last_checkpoint</c>: where readers that trust it begin. It is a hint and may be older than the newest checkpoint.</summary>
/// <param name="Version">The version of the checkpoint.</param>
/// <param name="Actions">How many actions the checkpoint holds.</param>
/// <param name="Files">How many of them are data files.</param>
/// <param name="Bytes">The checkpoint's length.</param>
/// <param name="Checksum">The checkpoint's checksum, which is this program's own; null when another has written the pointer.</param>
internal sealed record CheckpointPointer(long Version, long Actions, long Files, long Bytes, string? Checksum)
{
    private const string ChecksumName = "lambdaChecksum";

    /// <summary>Reads a pointer; null when there is none or none that makes sense.</summary>
    public static CheckpointPointer? Read(byte[]? content)
    {
        if (content is null)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            JsonElement root = document.RootElement;
            return new CheckpointPointer(
                root.GetProperty("version").GetInt64(),
                Actions: 0,
                Files: 0,
                Bytes: 0,
                root.TryGetProperty(ChecksumName, out JsonElement checksum) ? checksum.GetString() : null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The pointer as it lies in the log folder.</summary>
    public byte[] ToJson()
    {
        ArrayBufferWriter<byte> buffer = new(256);
        using Utf8JsonWriter json = new(buffer);
        json.WriteStartObject();
        json.WriteNumber("version", Version);
        json.WriteNumber("size", Actions);
        json.WriteNumber("sizeInBytes", Bytes);
        json.WriteNumber("numOfAddFiles", Files);
        json.WriteString(ChecksumName, Checksum);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
