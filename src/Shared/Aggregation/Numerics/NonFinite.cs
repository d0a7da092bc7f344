namespace Lambda.Aggregation.Numerics;

/// <summary>The infinities that a sum has seen; both together, like NaN itself, make it NaN. Part of the encoding.</summary>
[Flags]
internal enum NonFinite : byte
{
    None = 0,
    Positive = 1,
    Negative = 2,
    NaN = Positive | Negative,
}
