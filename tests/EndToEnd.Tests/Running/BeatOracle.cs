using System.Text.Json;
using Lambda.CrashApp;
using Lambda.TestSupport.Oracle;

namespace Lambda.EndToEnd.Tests.Running;

/// <summary>What the views of the application have to answer, by a fold over all beats, and whether they do.</summary>
internal static class BeatOracle
{
    private const long Second = 1_000_000;

    /// <summary>The views as the application declares them.</summary>
    public static OracleModel<Beat> Model { get; } = new()
    {
        Time = beat => OracleTime.Microseconds(beat.At),
        Id = beat => beat.Id,
        OutOfOrderness = Beat.OutOfOrderSeconds * Second,
        RowCheck = beat => beat.Value >= Beat.LeastValue,
        Views =
        [
            View(Beat.EachView, beat => beat.Id, OracleSliding.Tumbling(24 * 3600 * Second)),
            View(
                Beat.SensorView, beat => beat.Sensor, OracleSliding.Tumbling(60 * Second), Beat.LatenessSeconds * Second,
                OracleAggregate.Max<Beat>(beat => (long?)beat.Value)),
            View(Beat.SessionView, beat => beat.Sensor, new OracleSessions(Beat.GapSeconds * Second)),
            View(Beat.RunView, beat => beat.Sensor, new OracleCount(Beat.RunBeats, Beat.RunSeconds * Second)),
        ],
    };

    /// <summary>Fails when a layer answers other rows of a view than these.</summary>
    public static async Task CheckViewAsync(Api api, string view, string layer, OracleRows expected)
    {
        JsonElement answer = await api.GetAsync($"/api/views/{view}?layer={layer}&limit=100000");
        Assert.False(answer.GetProperty("truncated").GetBoolean());
        OracleRows rows = new(answer.GetProperty("rows").EnumerateArray().Select(row =>
        {
            JsonElement values = row.GetProperty("values");
            object? key = row.GetProperty("key").EnumerateObject().Single().Value.GetString();
            return new OracleRow(
                [key],
                OracleTime.Microseconds(row.GetProperty("windowStart").GetDateTimeOffset()),
                OracleTime.Microseconds(row.GetProperty("windowEnd").GetDateTimeOffset()),
                values.GetProperty("beats").GetInt64(),
                [.. values.EnumerateObject().Select(value => (object?)value.Value.GetInt64())]);
        }));
        string difference = expected.Difference(rows);
        Assert.True(difference.Length == 0, $"View {view}, layer {layer}, {rows.Count} rows instead of {expected.Count}:\n{difference}");
    }

    private static OracleView<Beat> View(
        string name, Func<Beat, object?> key, OracleWindows windows, long lateness = 0, params Func<IReadOnlyList<Beat>, object?>[] more) => new()
        {
            Name = name,
            Key = beat => [key(beat)],
            Windows = windows,
            Lateness = lateness,
            Aggregates = [OracleAggregate.Count<Beat>(), OracleAggregate.Sum<Beat>(beat => (long?)beat.Value), .. more],
        };
}
