namespace Lambda.Events;

/// <summary>One form of equal decimals.</summary>
internal static class CanonicalDecimal
{
    /// <summary>The value without trailing zeros and without a sign of zero: what keys need, as equal decimals are one key.</summary>
    public static decimal Of(decimal value) => value == 0 ? 0 : value / 1.0000000000000000000000000000m;
}
