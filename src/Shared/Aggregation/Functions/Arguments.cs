using System.Globalization;

namespace Lambda.Aggregation.Functions;

/// <summary>Reads what calls of aggregate functions are given beside their selectors.</summary>
internal static class Arguments
{
    /// <summary>How many different values TopK counts unless told otherwise.</summary>
    public const int DefaultMostDistinct = 10_000;

    /// <summary>A number of values.</summary>
    public static int Count(AggregateCall call, int index) => call.Arguments[index] is int and > 0 and int count
        ? count
        : throw Wrong(call, index, "Give a number of values, 1 or more.");

    /// <summary>The cap of TopK, which is never below the number of values it gives.</summary>
    public static int MostDistinct(AggregateCall call)
    {
        int k = Count(call, 0);
        int most = call.Arguments.Count > 1 ? Count(call, 1) : Math.Max(DefaultMostDistinct, k);
        return most >= k ? most : throw Wrong(call, 1, $"Let at least the {k} values be counted that the result can have.");
    }

    /// <summary>A quantile.</summary>
    public static double Quantile(AggregateCall call) => call.Arguments[0] is double and >= 0 and <= 1 and double quantile
        ? quantile + 0.0
        : throw Wrong(call, 0, "Give a quantile from 0 to 1, such as 0.95.");

    /// <summary>Bounds of a histogram.</summary>
    public static double[] Bounds(AggregateCall call)
    {
        const string Remedy = "Give the finite numbers where one interval ends and the next begins, rising, such as Buckets.Linear(start: 0, width: 10, count: 12).";
        if (call.Arguments[0] is not double[] { Length: > 0 } bounds || bounds.Any(bound => !double.IsFinite(bound)))
        {
            throw Wrong(call, 0, Remedy);
        }

        for (int i = 1; i < bounds.Length; i++)
        {
            if (bounds[i] <= bounds[i - 1])
            {
                throw Wrong(call, 0, Remedy);
            }
        }

        return [.. bounds.Select(bound => bound + 0.0)];
    }

    private static ArgumentException Wrong(AggregateCall call, int index, string remedy)
    {
        string given = call.Arguments[index] switch
        {
            null => "null",
            double[] numbers => $"[{string.Join(", ", numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)))}]",
            var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
        return new ArgumentException($"{call.Name} cannot take {given}. {remedy}");
    }
}
