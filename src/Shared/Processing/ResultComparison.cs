using Lambda.Views.Composing;

namespace Lambda.Processing;

/// <summary>Tells whether two windows have the same results: the same values, doubles bit for bit.</summary>
internal static class ResultComparison
{
    /// <summary>Whether all results are the same; a window that is not there differs from every one that is.</summary>
    public static bool AreSame(WindowRow? one, WindowRow? other) => one is null || other is null
        ? one is null && other is null
        : one.Results.Zip(other.Results).All(pair => ResultValue.AreSame(pair.First, pair.Second));
}
