using System.Diagnostics.Metrics;

namespace Lambda.Speed.Telemetry;

/// <summary>Gauges over the board of partitions. Looking at them asks neither the log nor the store.</summary>
internal static class PartitionGauges
{
    private static readonly PartitionState[] States = Enum.GetValues<PartitionState>();

    /// <summary>Adds the gauges to a meter.</summary>
    public static void Create(Meter meter, PartitionBoard board)
    {
        meter.CreateObservableGauge(
            "lambda.speed.lag.events", () => Each(board, progress => progress.LagEvents), "{event}", "Records in the log that are not committed.");
        meter.CreateObservableGauge(
            "lambda.speed.lag.time", () => Each(board, progress => progress.LagTime?.TotalSeconds), "s",
            "How long the oldest record that is not committed has been waiting.");
        meter.CreateObservableGauge(
            "lambda.speed.watermark.delay", () => Each(board, progress => progress.WatermarkDelay?.TotalSeconds), "s",
            "By how much the watermark is behind the clock.");
        meter.CreateObservableGauge(
            "lambda.speed.partitions", () => CountByState(board), "{partition}", "Partitions that this process has been given.");
    }

    private static IEnumerable<Measurement<T>> Each<T>(PartitionBoard board, Func<PartitionProgress, T?> read)
        where T : struct
    {
        foreach (PartitionProgress progress in board.Partitions)
        {
            if (read(progress) is { } value)
            {
                yield return new Measurement<T>(
                    value, new KeyValuePair<string, object?>("lambda.stream", progress.Stream), new KeyValuePair<string, object?>("lambda.partition", progress.Partition));
            }
        }
    }

    /// <summary>All states are given, so that an alert on one finds a zero rather than nothing.</summary>
    private static IEnumerable<Measurement<long>> CountByState(PartitionBoard board) =>
        from stream in board.Partitions.GroupBy(progress => progress.Stream)
        from state in States
        select new Measurement<long>(
            stream.Count(progress => progress.State.State == state),
            new KeyValuePair<string, object?>("lambda.stream", stream.Key),
            new KeyValuePair<string, object?>("lambda.state", state switch
            {
                PartitionState.Assigned => "assigned",
                PartitionState.Running => "running",
                PartitionState.Restarting => "restarting",
                _ => "stopped",
            }));
}
