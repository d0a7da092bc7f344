using Lambda.Store;
using Lambda.Time;

namespace Lambda.Serving.Tests.Running;

/// <summary>
/// A morning with everything in it. Hours of 2001-01-01 by offset; the watermark follows the newest event:
/// <code>
/// offset   0    1    2   | 3    4     5      6       | 7    8     9     10
/// origin   ATL  ATL  LAX | ATL  ATL   ATL    LAX     | LAX  ATL   ATL   ATL
/// time     0:10 0:20 0:30| 1:10 0:40  1:10   1:20    | 2:05 0:50  1:30  2:30
/// delay    5    7    1   | 2    100   2      -500    | 4    9     6     8
///                               late  repeat implaus.       late  late
///                                           boundary ^
/// </code>
/// </summary>
internal static class Scenario
{
    public static readonly int[] Kept = [0, 1, 2, 3, 4];

    /// <summary>What the speed layer has before and after its boundary.</summary>
    public static async Task SpeedAsync(ServingApp app)
    {
        await app.Layers.SpeedAsync(
            EpochEnd.Seal,
            Sample.Flight(0, "ATL", 10, 5),
            Sample.Flight(1, "ATL", 20, 7),
            Sample.Flight(2, "LAX", 30, 1),
            Sample.Flight(3, "ATL", 70, 2),
            Sample.Flight(4, "ATL", 40, 100),
            Sample.Flight(3, "ATL", 70, 2),
            Sample.Flight(6, "LAX", 80, -500));
        await app.Layers.SpeedAsync(
            EpochEnd.KeepOpen,
            Sample.Flight(7, "LAX", 125, 4),
            Sample.Flight(8, "ATL", 50, 9),
            Sample.Flight(9, "ATL", 90, 6),
            Sample.Flight(10, "ATL", 150, 8));
    }

    /// <summary>What a batch run over the offsets below 7 publishes.</summary>
    public static Task<long> PublishAsync(ServingApp app, params int[] kept) => app.Layers.PublishAsync(
        boundary: 7, kept.Length > 0 ? kept : Kept, duplicates: [5], quarantined: [6], Corrections(Sample.ViewOf(Sample.Catalog()).Layout.Version));

    /// <summary>All of it.</summary>
    public static async Task<ServingApp> StartAsync(Action<ServingOptions>? configure = null)
    {
        ServingApp app = await ServingApp.StartAsync(configure);
        await SpeedAsync(app);
        await PublishAsync(app);
        return app;
    }

    private static Correction[] Corrections(string version) =>
    [
        Correction(version, "ATL", 0, """{"flights":2,"totalDelay":12}""", """{"flights":3,"totalDelay":112}""", new CorrectionReasons(1, 0, 0, 0)),
        Correction(version, "ATL", 1, """{"flights":2,"totalDelay":4}""", """{"flights":1,"totalDelay":2}""", new CorrectionReasons(0, 1, 0, 0)),
        Correction(version, "LAX", 1, """{"flights":1,"totalDelay":-500}""", null, new CorrectionReasons(0, 0, 1, 0)),
    ];

    private static Correction Correction(string version, string origin, int hour, string before, string? after, CorrectionReasons reasons) => new(
        Sample.View,
        version,
        $$"""{"origin":"{{origin}}"}""",
        UtcMicroseconds.From(Sample.Start.AddHours(hour)),
        UtcMicroseconds.From(Sample.Start.AddHours(hour + 1)),
        before,
        after,
        reasons);
}
