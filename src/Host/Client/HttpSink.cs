using System.Buffers;
using System.Text.Json;
using Lambda.Hosting.Commands;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Ingest;
using Lambda.Log;

namespace Lambda.Hosting.Client;

/// <summary>Appends through the server that holds the log.</summary>
internal sealed class HttpSink(ApiClient api, string stream) : IEventSink
{
    private readonly ArrayBufferWriter<byte> _lines = new();

    public async ValueTask AppendAsync(RecordBatch records, CancellationToken cancellationToken)
    {
        _lines.ResetWrittenCount();
        for (int i = 0; i < records.Count; i++)
        {
            _lines.Write(records.Value(i));
            _lines.Write("\n"u8);
        }

        JsonElement answer = await api.PostLinesAsync(RecordEndpoint.Path(stream), _lines.WrittenMemory, cancellationToken).ConfigureAwait(false);
        long appended = answer.GetProperty("appended").GetInt64();
        if (appended != records.Count)
        {
            throw new CommandException(
                $"The server took {appended} of {records.Count} records sent together to stream '{stream}'. Its limit of a record's size may be another; "
                + "use the same settings for both.");
        }
    }
}
