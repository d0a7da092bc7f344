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

    /// <summary>How many partitions the stream has.</summary>
    public const int Partitions = 3;

    /// <summary>The row check takes no beat with a lower value.</summary>
    public const long LeastValue = 0;
}
