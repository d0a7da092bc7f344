using Lambda.Aggregation;
using Lambda.Views;
using Lambda.Views.Tables;

namespace Lambda.Serving.Queries;

/// <summary>Batch minus speed, aggregate by aggregate.</summary>
internal static class Difference
{
    /// <summary>Per aggregate of a view the result over no events.</summary>
    public static IReadOnlyList<object?> Nothing(ViewDefinition view)
    {
        AggregateState[] states = AggregateStates.Create(view);
        foreach (AggregateState state in states)
        {
            state.EnsureSlots(1);
        }

        return [.. states.Select(state => state.GetResult(0))];
    }

    /// <summary>The difference of two results; null when one of them is null, no number, or the difference is beyond the type.</summary>
    public static object? Of(object? batch, object? speed) => (batch, speed) switch
    {
        (int a, int b) => (long)a - b,
        (long a, long b) => (Int128)a - b,
        (Int128 a, Int128 b) => a - b,
        (double a, double b) => a - b,
        (float a, float b) => (double)a - b,
        (sbyte or byte or short or ushort or uint, not null) => Of(Widened(batch), Widened(speed)),
        (decimal a, decimal b) when IsInRange(a, b) => a - b,
        _ => null,
    };

    private static long Widened(object value) => Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture);

    private static bool IsInRange(decimal a, decimal b) => Math.Abs((double)a - (double)b) < (double)decimal.MaxValue;
}
