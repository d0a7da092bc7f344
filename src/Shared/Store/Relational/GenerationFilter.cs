using System.Globalization;

namespace Lambda.Store.Relational;

/// <summary>
/// SQL conditions on the rows of generations. A row has the number of the generation that it was written for and that of the first one which does not hold it
/// any more, so generations that are carried over from one to the next share their rows. Numbers rise, and a generation that shares nothing begins
/// a new series of them: so those from a root to a generation that has it are the ones that it can share rows with.
/// </summary>
internal static class GenerationFilter
{
    /// <summary>The number in rows that the newest generation of their series holds.</summary>
    public const long Held = long.MaxValue;

    /// <summary>The rows that a generation holds.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="table">How the table is called in the statement.</param>
    public static string Of(GenerationInfo generation, string table) => Invariant(
        $"{table}.generation BETWEEN {generation.Root} AND {generation.Generation} AND {table}.replaced_by > {generation.Generation}");

    /// <summary>The rows that a generation alone holds among those of its series that are kept.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="kept">The numbers of all generations of its series that are kept, with its own or without.</param>
    public static string OnlyOf(GenerationInfo generation, IEnumerable<long> kept)
    {
        long[] others = [.. kept.Where(number => number != generation.Generation).Order()];
        long before = others.Where(number => number < generation.Generation).Append(generation.Root - 1).Max();
        long behind = others.Where(number => number > generation.Generation).Append(Held).Min();
        return Invariant(
            $"generation > {before} AND generation <= {generation.Generation} AND replaced_by > {generation.Generation} AND replaced_by <= {behind}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
