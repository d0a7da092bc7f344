using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Lambda.Batch.History.Delta;

/// <summary>The content of a commit: one action a line.</summary>
/// <remarks>
/// The first line, <c>commitInfo</c>, which readers may ignore, carries a checksum of the bytes after it, so that a commit that was cut
/// or changed on disk is not taken for a smaller one.
/// </remarks>
internal static class DeltaCommit
{
    private const string Checksum = "lambdaChecksum";
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a commit.</summary>
    /// <param name="actions">The actions, in their order.</param>
    /// <param name="info">What is told of the commit itself.</param>
    public static byte[] Write(IReadOnlyList<DeltaAction> actions, CommitInfo info)
    {
        ArrayBufferWriter<byte> body = new(4096);
        using Utf8JsonWriter json = new(body, Options);
        foreach (DeltaAction action in actions)
        {
            WriteLine(json, body, () => DeltaJson.Write(json, action));
        }

        ArrayBufferWriter<byte> whole = new(body.WrittenCount + 256);
        json.Reset(whole);
        WriteLine(json, whole, () =>
        {
            json.WriteStartObject("commitInfo");
            json.WriteNumber("timestamp", info.Timestamp ?? 0);
            json.WriteString("operation", info.Operation);
            json.WriteString("engineInfo", "Lambda");
            json.WriteBoolean("isBlindAppend", actions.All(action => action is AddFile { DataChange: true } or AppTransaction));
            json.WriteString(Checksum, Crc32C.TextOf(body.WrittenSpan));
            json.WriteEndObject();
        });
        whole.Write(body.WrittenSpan);
        return whole.WrittenSpan.ToArray();
    }

    /// <summary>Reads the actions of a commit; those that are not known and that a reader may ignore are left out.</summary>
    /// <param name="content">The commit's bytes.</param>
    /// <param name="where">The commit, as a message names it.</param>
    /// <exception cref="HistoryException">The bytes are no commit, or not the ones that were written.</exception>
    public static List<DeltaAction> Read(ReadOnlyMemory<byte> content, string where)
    {
        List<DeltaAction> actions = [];
        if (content.Span.Trim(" \r\n\t"u8).IsEmpty)
        {
            throw Damaged(where, "it is empty", null);
        }

        try
        {
            while (!content.IsEmpty)
            {
                int end = content.Span.IndexOf((byte)'\n');
                ReadOnlyMemory<byte> line = end < 0 ? content : content[..end];
                content = end < 0 ? default : content[(end + 1)..];
                if (line.Span.Trim(" \r\t"u8).IsEmpty)
                {
                    continue;
                }

                using JsonDocument document = JsonDocument.Parse(line);
                if (document.RootElement.TryGetProperty("commitInfo", out JsonElement info))
                {
                    VerifyChecksum(info, content.Span, where);
                }

                if (DeltaJson.Read(document.RootElement) is { } action)
                {
                    actions.Add(action);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or DecoderFallbackException)
        {
            throw Damaged(where, e.Message, e);
        }

        return actions;
    }

    private static void VerifyChecksum(JsonElement info, ReadOnlySpan<byte> rest, string where)
    {
        if (info.TryGetProperty(Checksum, out JsonElement checksum) && checksum.GetString() != Crc32C.TextOf(rest))
        {
            throw Damaged(where, "its checksum does not match its bytes", null);
        }
    }

    private static HistoryException Damaged(string where, string why, Exception? cause) =>
        new($"The commit '{where}' is damaged: {why}. Restore the file from a copy; what it added cannot be read without it.", cause);

    private static void WriteLine(Utf8JsonWriter json, ArrayBufferWriter<byte> to, Action content)
    {
        json.WriteStartObject();
        content();
        json.WriteEndObject();
        json.Flush();
        to.Write("\n"u8);
        json.Reset();
    }
}
