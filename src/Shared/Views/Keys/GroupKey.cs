namespace Lambda.Views.Keys;

/// <summary>
/// The values of a group key, equal by value and ordered part by part: nulls first, strings by ordinal, instants (as <see cref="long"/>
/// microseconds) and numbers by value.
/// </summary>
internal sealed class GroupKey(IReadOnlyList<object?> parts) : IEquatable<GroupKey>, IComparable<GroupKey>
{
    /// <summary>The parts in the order of the definition.</summary>
    public IReadOnlyList<object?> Parts { get; } = parts;

    public bool Equals(GroupKey? other) => other is not null && Parts.SequenceEqual(other.Parts);

    public override bool Equals(object? obj) => Equals(obj as GroupKey);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (object? part in Parts)
        {
            hash.Add(part);
        }

        return hash.ToHashCode();
    }

    public int CompareTo(GroupKey? other)
    {
        if (other is null)
        {
            return 1;
        }

        for (int i = 0; i < Parts.Count; i++)
        {
            int order = Parts[i] is string text && other.Parts[i] is string otherText
                ? string.CompareOrdinal(text, otherText)
                : Comparer<object?>.Default.Compare(Parts[i], other.Parts[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    public override string ToString() => string.Join(", ", Parts);
}
