using System.Collections;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Lambda.Batch.Audit.Data;

/// <summary>A figure over rows, and how that of all rows follows from those of earlier rows and of new ones.</summary>
/// <param name="Sql">The expression, over <c>events</c>.</param>
/// <param name="Combination">How it follows.</param>
internal sealed record Aggregate(string Sql, Combination Combination)
{
    /// <summary>What else the figure depends on besides the rows, such as values that they are held against; empty when on nothing.</summary>
    public string Basis { get; init; } = "";

    /// <summary>Whether the figure of all rows follows from those of parts of them.</summary>
    public bool AddsUp => Combination is Combination.Sum or Combination.Greatest or Combination.EachSum;

    /// <summary>A number that adds up.</summary>
    public static Aggregate Sum(string sql) => new(sql, Combination.Sum);

    /// <summary>A number of which the greater one counts; null of no rows.</summary>
    public static Aggregate Greatest(string sql) => new(sql, Combination.Greatest);

    /// <summary>A list of numbers that add up place by place.</summary>
    public static Aggregate EachSum(string sql) => new(sql, Combination.EachSum);

    /// <summary>A figure of new rows only, whose condition is part of the expression.</summary>
    public static Aggregate OfNewRows(string sql) => new(sql, Combination.NewRowsOnly);

    /// <summary>A figure that can only be had of all rows together.</summary>
    public static Aggregate OfAllRows(string sql) => new(sql, Combination.None);

    /// <summary>What a later audit knows the figure by: one of the same name was measured in the same way.</summary>
    /// <param name="measure">What measures: its version.</param>
    public string NameFor(string measure) => FigureName.Of(measure, $"{Combination}\n{Basis}\n{Sql}");

    /// <summary>The figure as it is kept; null for one that no later audit can go on from.</summary>
    public IReadOnlyList<long>? Keep(object? figure) => AddsUp ? Numbers(figure) : null;

    /// <summary>Whether the figure of all rows follows from that of new ones and a kept one.</summary>
    /// <param name="known">The kept one; null when there is none.</param>
    public bool CanCombine(IReadOnlyList<long>? known) => Combination switch
    {
        Combination.NewRowsOnly => true,
        Combination.None => false,
        _ => known is not null,
    };

    /// <summary>The figure of all rows.</summary>
    /// <param name="known">That of earlier rows, as it was kept.</param>
    /// <param name="added">That of new rows, as it was measured.</param>
    public object? Combine(IReadOnlyList<long>? known, object? added) => Combination switch
    {
        Combination.NewRowsOnly => added,
        Combination.Sum => known!.Concat(Numbers(added)).Sum(),
        Combination.Greatest => known!.Concat(Numbers(added)) is var both && both.Any() ? both.Max() : null,
        Combination.EachSum => Add(known!, Numbers(added)),
        _ => throw new InvalidOperationException($"The figure of all rows does not follow from parts of them: {Sql}"),
    };

    /// <summary>A list may be shorter than another one: what it lacks at its end is nought.</summary>
    private static List<long>? Add(IReadOnlyList<long> known, IReadOnlyList<long> added) => known.Count == 0 && added.Count == 0
        ? null
        : [.. Enumerable.Range(0, Math.Max(known.Count, added.Count)).Select(place => known.ElementAtOrDefault(place) + added.ElementAtOrDefault(place))];

    private static IReadOnlyList<long> Numbers(object? figure) => figure switch
    {
        null => [],
        IEnumerable list and not string => [.. list.Cast<object>().Select(Number)],
        _ => [Number(figure)],
    };

    private static long Number(object number) => Convert.ToInt64(number, CultureInfo.InvariantCulture);
}

/// <summary>How a figure of all rows follows from those of two parts of them.</summary>
internal enum Combination
{
    /// <summary>Both add up.</summary>
    Sum,

    /// <summary>The greater one.</summary>
    Greatest,

    /// <summary>Lists, which add up place by place.</summary>
    EachSum,

    /// <summary>It is that of new rows, as it takes no others.</summary>
    NewRowsOnly,

    /// <summary>Not at all.</summary>
    None,
}

/// <summary>Names of figures that are kept: hashes of all that they are measured by.</summary>
internal static class FigureName
{
    /// <summary>Rises when the same text comes to be measured in another way.</summary>
    private const int Version = 1;

    /// <summary>The first 128 bits of SHA-256.</summary>
    public static string Of(string measure, string text) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Version}\n{measure}\n{text}"))).AsSpan(0, 16));
}
