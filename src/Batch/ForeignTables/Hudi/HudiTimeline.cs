using System.Globalization;
using System.Text.RegularExpressions;
using Lambda.Batch.History;

namespace Lambda.Batch.ForeignTables.Hudi;

/// <summary>One completed write of a Hudi table.</summary>
/// <param name="Time">When it was asked for, which is its name: <c>yyyyMMddHHmmssSSS</c>; without milliseconds where a writer older than 0.10 gave it.</param>
/// <param name="Completed">When it was completed, in the same form; null where the table does not tell.</param>
/// <param name="File">What it tells of itself, relative to the table.</param>
internal sealed record HudiInstant(string Time, string? Completed, string File);

/// <summary>The writes of a Hudi table, as names of files tell them.</summary>
internal sealed partial class HudiTimeline
{
    private const string InstantFormat = "yyyyMMddHHmmssfff";

    /// <summary>Actions that write rows. Others tidy up.</summary>
    private static readonly string[] Writes = ["commit", "deltacommit", "replacecommit"];

    private readonly HashSet<string> _pending = new(StringComparer.Ordinal);
    private readonly HashSet<string> _all = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _completions;

    /// <summary>
    /// Writes that were begun before it and that the timeline does not tell were completed, and archived since. It is the oldest completed write that no savepoint keeps, but not behind the point of
    /// the past. Instants of cleaners and rollbacks are archived apart from writes, and may be much older. Empty when there is no write.
    /// </summary>
    private readonly string _first;

    private HudiTimeline(
        bool hasCompletionTimes, IReadOnlyList<HudiInstant> chosen, IReadOnlyList<HudiInstant> later, IEnumerable<string> begun, IReadOnlySet<string> saved)
    {
        HasCompletionTimes = hasCompletionTimes;
        Chosen = chosen;
        Later = later;
        _all.UnionWith(chosen.Select(instant => instant.Time));
        _pending.UnionWith(later.Select(instant => instant.Time).Concat(begun).Except(_all));
        _completions = chosen.ToDictionary(instant => instant.Time, instant => instant.Completed, StringComparer.Ordinal);
        string oldest = chosen.Concat(later).Select(instant => instant.Time).Except(saved).DefaultIfEmpty("").Min(StringComparer.Ordinal)!;
        string point = _all.DefaultIfEmpty("").Max(StringComparer.Ordinal)!;
        _first = string.CompareOrdinal(oldest, point) < 0 ? oldest : point;
    }

    /// <summary>Whether it tells when writes were completed.</summary>
    public bool HasCompletionTimes { get; }

    /// <summary>The completed writes up to the point of the past, in order.</summary>
    public IReadOnlyList<HudiInstant> Chosen { get; }

    /// <summary>The completed writes after it.</summary>
    public IReadOnlyList<HudiInstant> Later { get; }

    /// <summary>Reads the timeline.</summary>
    /// <exception cref="ForeignTableException">It has no such point.</exception>
    public static HudiTimeline Read(TableFolder folder, HudiProperties properties, HistoryPoint point)
    {
        string relative = properties.HasCompletionTimes ? $"{HudiProperties.Folder}/timeline" : HudiProperties.Folder;
        string path = Path.Combine(folder.Path, relative);
        if (!Directory.Exists(path))
        {
            throw folder.Refuse($"has no timeline '{path}'. Restore it from a copy");
        }

        List<HudiInstant> completed = [];
        HashSet<string> begun = new(StringComparer.Ordinal);
        HashSet<string> saved = new(StringComparer.Ordinal);
        foreach (string name in Directory.EnumerateFiles(path).Select(Path.GetFileName).Order(StringComparer.Ordinal)!)
        {
            if (NamePattern().Match(name) is not { Success: true } match)
            {
                continue;
            }

            string? ended = match.Groups["completed"] is { Success: true } group ? group.Value : null;
            string action = match.Groups["action"].Value;
            bool isDone = Writes.Contains(action) && !match.Groups["state"].Success && ended is not null == properties.HasCompletionTimes;
            if (isDone)
            {
                completed.Add(new HudiInstant(match.Groups["time"].Value, ended, $"{relative}/{name}"));
            }

            if (action is "inflight" || match.Groups["state"].Success)
            {
                begun.Add(match.Groups["time"].Value);
            }

            if (action is "savepoint")
            {
                saved.Add(match.Groups["time"].Value);
            }
        }

        Func<HudiInstant, bool> isChosen = Choice(completed, folder, properties, point);
        return new HudiTimeline(properties.HasCompletionTimes, [.. completed.Where(isChosen)], [.. completed.Where(instant => !isChosen(instant))], begun, saved);
    }

    /// <summary>Whether what a write has written counts. Those that were archived were completed.</summary>
    public bool Counts(string time) => _all.Contains(time) || (!_pending.Contains(time) && string.CompareOrdinal(time, _first) < 0);

    /// <summary>The completion of a write; null where it is not known.</summary>
    public string? CompletionOf(string time) => _completions.GetValueOrDefault(time);

    private static Func<HudiInstant, bool> Choice(List<HudiInstant> completed, TableFolder folder, HudiProperties properties, HistoryPoint point)
    {
        string known = completed.Count == 0 ? "it has none" : $"its oldest one is {completed[0].Time}, its newest {completed[^1].Time}";
        switch (point)
        {
            case HistoryPoint.AtVersion at:
                string time = at.Number.ToString(CultureInfo.InvariantCulture);
                return completed.Exists(instant => instant.Time == time)
                    ? instant => string.CompareOrdinal(instant.Time, time) <= 0
                    : throw folder.Refuse($"has no completed write of the instant {time} in its timeline; {known}. Give one of these, or a time");
            case HistoryPoint.AtTime at when !properties.IsInUtc:
                throw folder.Unsupported(
                    "a timeline in the local time of its writers, so a time cannot be looked up in it", $"Give the number of an instant instead; {known}.");
            case HistoryPoint.AtTime at:
                string end = at.Instant.UtcDateTime.ToString(InstantFormat, CultureInfo.InvariantCulture);
                return completed.Exists(instant => string.CompareOrdinal(instant.Completed ?? instant.Time, end) <= 0)
                    ? instant => string.CompareOrdinal(instant.Completed ?? instant.Time, end) <= 0
                    : throw folder.Refuse($"has no completed write until {at.Instant.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ} in its timeline; {known}. Give a later time");
            default:
                return _ => true;
        }
    }

    [GeneratedRegex(@"^(?<time>\d{14}(\d{3})?)(_(?<completed>\d{17}))?\.(?<action>[a-z]+)(?<state>\.requested|\.inflight)?$")]
    private static partial Regex NamePattern();
}
