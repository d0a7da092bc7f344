using Lambda.Views.Partials;

namespace Lambda.Store;

/// <summary>
/// What a publication changed in one window of one key. A session is that of all events, removed and late ones included: where these connect or have
/// connected several sessions, what is said before and after is what those were together.
/// </summary>
/// <param name="View">The view.</param>
/// <param name="Version">The version of its definition.</param>
/// <param name="Key">The group key as a JSON object.</param>
/// <param name="WindowStart">Where the window begins, in UTC microseconds.</param>
/// <param name="WindowEnd">Where it ends, exclusive, in UTC microseconds.</param>
/// <param name="Before">The result that was served before, as a JSON object; null when there was none.</param>
/// <param name="After">The result that is served now, as a JSON object; null when there is none any more.</param>
/// <param name="Reasons">How many events explain the change.</param>
/// <param name="First">The position of its first event, where windows are made by the order of events; null otherwise.</param>
internal sealed record Correction(
    string View, string Version, string Key, long WindowStart, long WindowEnd, string? Before, string? After,
    CorrectionReasons Reasons, EventPosition? First = null);

/// <summary>
/// How many events of a window each reason for a difference between the layers stands for. Where windows are made by the order of events, removed ones
/// are those of the key in the partition, as they move all windows behind them.
/// </summary>
/// <param name="Late">Came too late for the speed layer; the batch layer counts them.</param>
/// <param name="Duplicates">Counted by the speed layer; the batch layer removed them as repetitions.</param>
/// <param name="Quarantined">Counted by the speed layer; a row check of the batch layer removed them.</param>
/// <param name="Unexplained">What remains. Other than zero is a defect, and blocks a publication.</param>
internal readonly record struct CorrectionReasons(long Late, long Duplicates, long Quarantined, long Unexplained);
