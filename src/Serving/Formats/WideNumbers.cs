using System.Numerics;
using Lambda.Serving.Answers;
using Lambda.Serving.Requests;
using Lambda.Views;

namespace Lambda.Serving.Formats;

/// <summary>Whole numbers beyond 64 bits, as sums are. Binary formats have decimals of 38 digits for them, and results of 128 bits may have one digit more.</summary>
internal static class WideNumbers
{
    /// <summary>As many as the decimals of most readers can have.</summary>
    public const int Digits = 38;

    private static readonly BigInteger End = BigInteger.Pow(10, Digits);

    /// <summary>Refuses results that have more digits, which is to be known before the first row is sent.</summary>
    /// <exception cref="RequestException">A result has more digits.</exception>
    public static void MustFit(ViewDefinition view, IReadOnlyList<ViewRow> rows)
    {
        for (int aggregate = 0; aggregate < view.Aggregates.Count; aggregate++)
        {
            Type type = view.Aggregates[aggregate].Function.ResultType;
            if (type == typeof(Int128) || type == typeof(Int128?))
            {
                MustFit(rows, aggregate);
            }
        }
    }

    private static void MustFit(IReadOnlyList<ViewRow> rows, int aggregate)
    {
        foreach (ViewRow row in rows)
        {
            if (row.Values.Values[aggregate] is Int128 number && BigInteger.Abs(number) >= End)
            {
                throw RequestException.BadParameter(
                    "format", $"A result has more than {Digits} digits, which is more than a decimal of this format can have. Ask for json, ndjson or csv.");
            }
        }
    }
}
