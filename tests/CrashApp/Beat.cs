namespace Lambda.CrashApp;

/// <summary>What a sensor says.</summary>
/// <param name="Id">Which of all beats it is.</param>
/// <param name="At">When, in UTC.</param>
/// <param name="Sensor">The sensor.</param>
/// <param name="Value">What it measured.</param>
public sealed record Beat(string Id, DateTime At, string Sensor, long Value)
{
    /// <summary>The stream's name.</summary>
    public const string Stream = "beats";

    /// <summary>The view that has a row for each beat.</summary>
    public const string EachView = "each_beat";

    /// <summary>The view that has a row for each sensor and minute.</summary>
    public const string SensorView = "by_sensor";

    /// <summary>The view that has a row for each session of a sensor.</summary>
    public const string SessionView = "sessions";

    /// <summary>The view that has a row for each run of a few beats of a sensor.</summary>
    public const string RunView = "runs";

    /// <summary>How many beats are a run.</summary>
    public const int RunBeats = 4;

    /// <summary>How long after its first beat a run ends at the latest, in seconds.</summary>
    public const int RunSeconds = 20;

    /// <summary>The gap of sessions, in seconds.</summary>
    public const int GapSeconds = 3;

    /// <summary>How long windows of minutes take late beats, in seconds.</summary>
    public const int LatenessSeconds = 10;

    /// <summary>How far a beat may be behind, in seconds.</summary>
    public const int OutOfOrderSeconds = 30;

    /// <summary>How many partitions the stream has.</summary>
    public const int Partitions = 3;

    /// <summary>The row check takes no beat with a lower value.</summary>
    public const long LeastValue = 0;
}
