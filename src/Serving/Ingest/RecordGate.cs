using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Log;
using Lambda.Serving.Answers;
using Lambda.Serving.Requests;
using Lambda.Views;

namespace Lambda.Serving.Ingest;

/// <summary>
/// Judges records before they are logged as the layers will judge them afterwards, with the present as their time of append. Not safe for use by
/// several threads at once.
/// </summary>
internal sealed class RecordGate
{
    private readonly JsonEventDecoder _decoder;
    private readonly RecordKeyReader _keys;
    private readonly EventBatch _batch;
    private readonly int _maxRecordBytes;
    private readonly long _now;

    public RecordGate(StreamDefinition stream, int maxRecordBytes, long now)
    {
        // No column is wanted; the decoder checks every member all the same.
        Projection nothing = Projection.Of(stream.Schema, []);
        _decoder = new JsonEventDecoder(DecodeRules.Of(stream), nothing);
        _batch = new EventBatch(nothing, new StringDictionary());
        _keys = new RecordKeyReader(stream.Schema, stream.PartitionKey);
        _maxRecordBytes = maxRecordBytes;
        _now = now;
    }

    /// <summary>Adds a good record, with its partition key, to a batch.</summary>
    /// <returns>Null when it was added; otherwise why it was not.</returns>
    public RecordError? Add(int index, ReadOnlySpan<byte> json, RecordBatch destination)
    {
        ReadOnlySpan<byte> key = json.Length <= _maxRecordBytes ? _keys.Read(json) : default;
        if (json.Length + key.Length > _maxRecordBytes)
        {
            return new RecordError(index, "tooLarge", $"The record has {json.Length} bytes; with its key it may have {_maxRecordBytes}.");
        }

        _batch.Clear();
        if (_decoder.Decode(json, partition: 0, offset: 0, _now, _batch) is { } refusal)
        {
            return new RecordError(index, WireNames.Camel(refusal.Reason.ToString()), refusal.Detail);
        }

        destination.Add(key, json);
        return null;
    }
}
