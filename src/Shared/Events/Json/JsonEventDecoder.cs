using System.Text.Json;
using System.Text.Unicode;
using Lambda.Events.Json.Scanning;

namespace Lambda.Events.Json;

/// <summary>
/// Decodes JSON records straight into columns. Every member is checked, also those that the projection leaves out, so that a record is
/// refused or taken alike in all layers. Agrees with System.Text.Json on what is well-formed; refuses what would silently become a default.
/// Not safe for use by several threads at once.
/// </summary>
internal sealed class JsonEventDecoder
{
    private const int MaxDepth = 64;
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth };

    private readonly DecodeRules _rules;
    private readonly JsonMemberReader _members;
    private readonly MemberTable _names;
    private readonly UnknownMembers? _unknown;

    /// <summary>Tried first; null when the schema's records always need the full decoder.</summary>
    private readonly RecordScanner? _scanner;

    /// <summary>Per array how many elements there were before the record.</summary>
    private int[] _elementsBefore = [];

    /// <param name="rules">What makes a record good.</param>
    /// <param name="projection">Which members the batches carry.</param>
    /// <param name="unknown">
    /// Collects members that the schema does not know; null to pass them over. A member that the schema knows is collected as a whole when an object in
    /// it has such members.
    /// </param>
    public JsonEventDecoder(DecodeRules rules, Projection projection, UnknownMembers? unknown = null)
        : this(rules, projection, unknown, RecordScanner.For(rules, projection, unknown))
    {
    }

    private JsonEventDecoder(DecodeRules rules, Projection projection, UnknownMembers? unknown, RecordScanner? scanner)
    {
        _rules = rules;
        _unknown = unknown;
        _members = new JsonMemberReader(rules, projection.Schema);
        _names = new MemberTable(projection.Schema.Members);
        _scanner = scanner;
    }

    /// <summary>How many records the scanner has taken; the others were decoded in full.</summary>
    public long ScannedCount => _scanner?.TakenCount ?? 0;

    /// <summary>A decoder that decodes every record in full: what the scanner is held against.</summary>
    /// <inheritdoc cref="JsonEventDecoder(DecodeRules, Projection, UnknownMembers?)"/>
    public static JsonEventDecoder InFull(DecodeRules rules, Projection projection, UnknownMembers? unknown = null) =>
        new(rules, projection, unknown, scanner: null);

    /// <summary>Adds one record to a batch whose projection is the decoder's.</summary>
    /// <returns>Null when it was added; otherwise why it was not, and the batch is as before.</returns>
    public Refusal? Decode(ReadOnlySpan<byte> json, int partition, long offset, long appendedAt, EventBatch destination)
    {
        int row = destination.Count;
        destination.EnsureCapacity(row + 1);
        _unknown?.StartRow(row);
        if (_scanner is null || !_scanner.TryDecode(json, row, appendedAt, destination))
        {
            NoteElements(destination);
            if (DecodeInFull(json, row, appendedAt, destination) is { } refusal)
            {
                RemoveElements(destination);
                return refusal;
            }

            _scanner?.Learn(json);
        }

        destination.Partitions[row] = partition;
        destination.Offsets[row] = offset;
        destination.AppendedAt[row] = appendedAt;
        _unknown?.EndRow(row);
        destination.Count = row + 1;
        return null;
    }

    private Refusal? DecodeInFull(ReadOnlySpan<byte> json, int row, long appendedAt, EventBatch destination)
    {
        _unknown?.StartRow(row);
        try
        {
            return ReadEvent(json, destination, row) ?? _members.Complete(destination, row) ?? Judge(destination.EventTimes[row], appendedAt);
        }
        catch (JsonException error)
        {
            return new Refusal(RejectReason.Malformed, error.Message);
        }
        catch (InvalidOperationException error)
        {
            // Utf8JsonReader throws this for strings that cannot be transcoded, such as half a surrogate pair.
            return new Refusal(RejectReason.Malformed, error.Message);
        }
    }

    private Refusal? ReadEvent(ReadOnlySpan<byte> json, EventBatch destination, int row)
    {
        if (json.IsEmpty)
        {
            return new Refusal(RejectReason.Malformed, "The record is empty.");
        }

        // The reader lets bytes that are not UTF-8 pass inside strings.
        if (!Utf8.IsValid(json))
        {
            return new Refusal(RejectReason.Malformed, "The record is not valid UTF-8.");
        }

        Utf8JsonReader reader = new(json, ReaderOptions);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new Refusal(RejectReason.Malformed, $"The record is not a JSON object but begins with {reader.TokenType}.");
        }

        _members.Begin();
        int expected = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int start = (int)reader.TokenStartIndex;
            int? place = _names.Find(_members.Text(ref reader), expected);
            bool isKnown = place is not null;
            if (place is { } found)
            {
                expected = found + 1;
                reader.Read();
                if (_members.Read(ref reader, _names[found], destination, row) is { } refusal)
                {
                    return refusal;
                }

                isKnown = !_members.TakeMetUnknown();
            }
            else
            {
                reader.Skip();
            }

            if (!isKnown)
            {
                _unknown?.Add(json[start..(int)reader.BytesConsumed]);
            }
        }

        // One more read refuses anything but white space behind the object.
        reader.Read();
        return null;
    }

    private Refusal? Judge(long eventTime, long appendedAt)
    {
        long ahead = eventTime - appendedAt;
        return ahead > _rules.MaxFutureSkew
            ? new Refusal(
                RejectReason.FutureEventTime,
                $"Member '{_rules.EventTime.JsonName}', the event time, is {TimeSpan.FromMicroseconds(ahead)} ahead of the time at which the log took the "
                + $"record; the stream allows {TimeSpan.FromMicroseconds(_rules.MaxFutureSkew)}.")
            : null;
    }

    private void NoteElements(EventBatch destination)
    {
        IReadOnlyList<ListColumn> lists = destination.Lists;
        if (_elementsBefore.Length != lists.Count)
        {
            _elementsBefore = new int[lists.Count];
        }

        for (int i = 0; i < _elementsBefore.Length; i++)
        {
            _elementsBefore[i] = lists[i].ElementCount;
        }
    }

    private void RemoveElements(EventBatch destination)
    {
        for (int i = 0; i < _elementsBefore.Length; i++)
        {
            destination.Lists[i].ElementCount = _elementsBefore[i];
        }
    }
}
