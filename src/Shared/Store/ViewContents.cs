namespace Lambda.Store;

/// <summary>What a generation holds of a version of a view, as sums over the hashes of its partials; days and blocks without any are left out.</summary>
/// <param name="View">The view. Null in what earlier programs stored: views that are declared alike have one version, and were added up as one.</param>
/// <param name="Version">The version, which another generation that holds the view as it is declared otherwise does not have.</param>
/// <param name="Days">By the UTC day on which partials begin, counted from the beginning of 1970: those that are not in a block.</param>
/// <param name="Blocks">By block of 32 days, counted likewise: of longer ago, where the days need not be told apart.</param>
internal sealed record ViewContents(
    string? View, string Version, IReadOnlyDictionary<long, PartialSum> Days, IReadOnlyDictionary<long, PartialSum> Blocks);

/// <summary>A sum over partials that does not depend on their order.</summary>
/// <param name="Partials">How many there are.</param>
/// <param name="Hashes">The sum of their hashes, modulo 2^128.</param>
internal readonly record struct PartialSum(long Partials, UInt128 Hashes)
{
    public static PartialSum operator +(PartialSum one, PartialSum other) => new(one.Partials + other.Partials, unchecked(one.Hashes + other.Hashes));

    public static PartialSum operator -(PartialSum one, PartialSum other) => new(one.Partials - other.Partials, unchecked(one.Hashes - other.Hashes));
}
