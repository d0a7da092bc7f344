using System.Globalization;

namespace Lambda.Store.Relational;

/// <summary>How the vectors of offsets that a store has written of a stream grow with its partitions, so that each has an offset for every partition.</summary>
internal static class AddedPartitions
{
    /// <summary>The SQL of a stored vector with the offsets behind it that <c>added</c> holds, which is what <see cref="Zeros"/> gives.</summary>
    /// <param name="column">Where the vector stands.</param>
    /// <param name="added">The name of the parameter.</param>
    public static string Append(string column, string added) => $"left({column}, length({column}) - 1) || {added}";

    /// <summary>The end of a vector that got so many partitions, of which nothing is covered.</summary>
    public static string Zeros(int partitions) => string.Create(CultureInfo.InvariantCulture, $"{string.Concat(Enumerable.Repeat(",0", partitions))}]");

    /// <summary>A vector that was read before its stream got the last of so many partitions, with those behind it.</summary>
    public static Boundary Complete(Boundary vector, int partitions) =>
        new([.. vector.Offsets, .. Enumerable.Repeat(0L, Math.Max(0, partitions - vector.Partitions))]);

    /// <summary>A stored vector with so many partitions behind it, of which nothing is covered.</summary>
    public static string Append(string vector, int partitions) => vector[..^1] + Zeros(partitions);
}
