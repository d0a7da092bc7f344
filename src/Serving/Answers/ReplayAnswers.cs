using Lambda.Store;

namespace Lambda.Serving.Answers;

/// <summary>An edition of a stream: one computation of its views by the speed layer, from where the stream begins.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Replay">Its number; 0 is what was computed since the stream began.</param>
/// <param name="State">Whether it is being replayed, is the one that answers, or is kept, having answered before.</param>
/// <param name="IsComplete">Whether it holds everything that the one which answers has committed.</param>
/// <param name="Missing">How many offsets it has still to compute.</param>
/// <param name="StartedAt">When it was begun.</param>
/// <param name="ServedAt">Since when it answers, or last did; null when it never has, and for 0 until another has answered in between.</param>
/// <param name="LeftAt">When another took its place; null while it answers, and before.</param>
/// <param name="Views">The version of each view that it computes; empty for the one that answers, which computes what is declared.</param>
/// <param name="Partitions">How far it has come.</param>
internal sealed record ReplayAnswer(
    string Stream,
    int Replay,
    EditionState State,
    bool IsComplete,
    long Missing,
    DateTimeOffset StartedAt,
    DateTimeOffset? ServedAt,
    DateTimeOffset? LeftAt,
    IReadOnlyDictionary<string, string> Views,
    IReadOnlyList<EditionProgress> Partitions)
{
    public static ReplayAnswer Of(EditionInfo edition) => new(
        edition.Stream,
        edition.Edition,
        edition.State,
        edition.IsComplete,
        edition.Missing,
        edition.StartedAt,
        edition.ServedAt,
        edition.LeftAt,
        edition.Views,
        edition.Partitions);
}
