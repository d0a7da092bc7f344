namespace Lambda.Tests.Aggregation;

/// <summary>Adds up values in a random order, split and merged along a random tree.</summary>
internal static class RandomMerge
{
    public delegate void Adder<TSum, in T>(ref TSum sum, T value);

    public delegate void Merger<TSum>(ref TSum sum, in TSum other);

    public static TSum Shuffled<TSum, T>(Random random, T[] values, Adder<TSum, T> add, Merger<TSum> merge)
        where TSum : struct
    {
        T[] shuffled = [.. values];
        random.Shuffle(shuffled);
        return Tree(random, shuffled, add, merge);
    }

    private static TSum Tree<TSum, T>(Random random, ReadOnlySpan<T> values, Adder<TSum, T> add, Merger<TSum> merge)
        where TSum : struct
    {
        TSum sum = default;
        if (values.Length <= 1 || random.Next(4) == 0)
        {
            foreach (T value in values)
            {
                add(ref sum, value);
            }

            return sum;
        }

        int cut = random.Next(values.Length + 1);
        sum = Tree(random, values[..cut], add, merge);
        TSum right = Tree(random, values[cut..], add, merge);
        merge(ref sum, right);
        return sum;
    }
}
