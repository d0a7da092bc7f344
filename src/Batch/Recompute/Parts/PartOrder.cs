using System.Text.Json;
using System.Text.Json.Serialization;
using Lambda.Batch.Archive;
using Lambda.Batch.History.Reading;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Batch.Recompute.Parts;

/// <summary>What a run asks of those who compute its parts; lies in the history's storage, so that who finds it sees that history.</summary>
/// <param name="Format">The version of this; another one for each change of it.</param>
/// <param name="Computation">The fingerprint of the computation (see <see cref="ComputationFingerprint"/>).</param>
/// <param name="HistoryVersion">The version of the history that is read.</param>
/// <param name="From">Per partition where the events begin that are computed; null when all are.</param>
/// <param name="Below">Per partition the first offset that does not count.</param>
/// <param name="FirstTime">The first event time that is computed, in UTC microseconds.</param>
/// <param name="EndTime">The first event time behind it that is not.</param>
/// <param name="Parts">By part, its dates.</param>
internal sealed record PartOrder(
    int Format,
    string Computation,
    long HistoryVersion,
    IReadOnlyList<long>? From,
    IReadOnlyList<long> Below,
    long FirstTime,
    long EndTime,
    IReadOnlyList<IReadOnlyList<DateOnly>> Parts)
{
    private const int CurrentFormat = 1;

    /// <summary>Which events of the history are computed.</summary>
    [JsonIgnore]
    public ArchiveRange Range => new(From is null ? null : new Boundary(From), new Boundary(Below), new EventTimeRange(FirstTime, EndTime));

    /// <summary>What a run of this program asks.</summary>
    public static PartOrder Of(StreamDefinition stream, IArchiveSnapshot archive, ArchiveRange range, IReadOnlyList<PlannedPart> parts) => new(
        CurrentFormat,
        ComputationFingerprint.Of(stream),
        archive.Version,
        range.From?.Offsets,
        range.Below.Offsets,
        range.Times.Start,
        range.Times.End,
        [.. parts.Select(part => part.Dates)]);

    /// <summary>Reads what <see cref="Write"/> wrote; null when it is of another version of the program or no such thing.</summary>
    public static PartOrder? Read(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize<PartOrder>(json, JsonSerializerOptions.Web) is { Format: CurrentFormat } order ? order : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The order as JSON.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web);

    /// <summary>What every file of a part of this order begins with.</summary>
    public PartIdentity IdentityOf(Guid run, int part) => new(run, part, Computation, HistoryVersion);
}
