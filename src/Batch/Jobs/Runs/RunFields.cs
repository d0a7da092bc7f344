using System.Globalization;
using Lambda.Batch.Recompute;
using Lambda.Jobs;
using Lambda.Store.Relational;

namespace Lambda.Batch.Jobs.Runs;

/// <summary>
/// A run as the fields of a hash in the job storage. Each step of a run's life writes fields of its own, so that steps noted at the same time, by whatever
/// processes, do not undo one another: asked for, then begun, then under way, then ended. The state follows from which fields are there.
/// </summary>
internal static class RunFields
{
    private const string Stream = "stream";
    private const string KnownAt = "knownAt";
    private const string Step = "step";
    private const string Share = "share";
    private const string State = "state";
    private const string EndedAt = "endedAt";
    private const string Generation = "generation";
    private const string Message = "message";
    private const string Events = "events";
    private const string Dates = "dates";
    private const string CarriedFrom = "carriedFrom";
    private const string Rehearsal = "rehearsal";
    private const int MostChanges = 1_000;

    /// <summary>The fields of a run that is asked for.</summary>
    public static Dictionary<string, string> Asked(string stream, DateTimeOffset at) => new(StringComparer.Ordinal)
    {
        [Stream] = stream,
        [KnownAt] = Written(at),
    };

    /// <summary>The fields of a run at work; those of an end that it had before are emptied.</summary>
    public static Dictionary<string, string> Begun(string stream, DateTimeOffset at)
    {
        Dictionary<string, string> fields = Asked(stream, at);
        fields[Step] = "beginning";
        fields[Share] = "0";
        foreach (string field in (string[])[State, EndedAt, Generation, Message, Events, Dates, CarriedFrom, Rehearsal])
        {
            fields[field] = "";
        }

        return fields;
    }

    /// <summary>The fields of progress.</summary>
    public static Dictionary<string, string> Of(RunProgress progress) => new(StringComparer.Ordinal)
    {
        [Step] = progress.Step,
        [Share] = progress.Share.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <summary>The fields of an end without a result.</summary>
    public static Dictionary<string, string> Ended(BatchRunState state, string message, DateTimeOffset at) => new(StringComparer.Ordinal)
    {
        [State] = state.ToString(),
        [EndedAt] = Written(at),
        [Message] = message,
    };

    /// <summary>The fields of an end with a result.</summary>
    public static Dictionary<string, string> Ended(BatchRunState state, RunResult result, DateTimeOffset at)
    {
        Dictionary<string, string> fields = Ended(state, result.Message, at);
        fields[Generation] = Written(result.Generation);
        fields[Events] = Written(result.Rows);
        fields[Dates] = Written(result.Dates);
        fields[CarriedFrom] = Written(result.CarriedFrom);
        fields[Rehearsal] = state == BatchRunState.Rehearsed && result.Report is { } report
            ? StoredJson.Write(new RunRehearsal(report, result.Corrections, [.. result.Changes.Take(MostChanges)]))
            : "";
        return fields;
    }

    /// <summary>What the fields say; null when they are not those of a run.</summary>
    public static BatchRunStatus? Read(string runId, IReadOnlyDictionary<string, string>? fields)
    {
        if (fields is null || Value(fields, Stream) is not { } stream || Value(fields, KnownAt) is not { } knownAt)
        {
            return null;
        }

        string? step = Value(fields, Step);
        BatchRunState state = Value(fields, State) is { } ended
            ? Enum.Parse<BatchRunState>(ended)
            : step is null ? BatchRunState.Queued : BatchRunState.Running;
        bool hasEnded = state is not (BatchRunState.Queued or BatchRunState.Running);
        return new BatchRunStatus(
            runId,
            stream,
            state,
            hasEnded ? "ended" : step ?? "queued",
            hasEnded ? 1 : Value(fields, Share) is { } share ? double.Parse(share, CultureInfo.InvariantCulture) : 0,
            Time(knownAt),
            Value(fields, EndedAt) is { } endedAt ? Time(endedAt) : null,
            Number(fields, Generation),
            Value(fields, Message))
        {
            Events = Number(fields, Events),
            Dates = (int?)Number(fields, Dates),
            CarriedFrom = Number(fields, CarriedFrom),
            Rehearsal = Value(fields, Rehearsal) is { } rehearsal ? StoredJson.Read<RunRehearsal>(rehearsal) : null,
        };
    }

    /// <summary>A line of a log as it is kept.</summary>
    public static string Line(DateTimeOffset at, string text) => $"{Written(at)} {text}";

    /// <summary>Reads a line of a log.</summary>
    public static RunLogLine ReadLine(string line)
    {
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        return new RunLogLine(Time(line[..space]), line[(space + 1)..]);
    }

    private static string Written(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static long? Number(IReadOnlyDictionary<string, string> fields, string name) =>
        Value(fields, name) is { } number ? long.Parse(number, CultureInfo.InvariantCulture) : null;

    private static string Written(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static DateTimeOffset Time(string written) => DateTimeOffset.Parse(written, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);

    private static string? Value(IReadOnlyDictionary<string, string> fields, string name) =>
        fields.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;
}
