namespace Lambda.Store;

/// <summary>One of several pieces that all keys of a view are divided into, of about as many keys each: the partials of a key are all in the same one.</summary>
internal readonly record struct KeyPiece
{
    /// <param name="number">Which of them, from zero.</param>
    /// <param name="count">How many there are; at least one.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such piece.</exception>
    public KeyPiece(int number, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, count);
        Number = number;
        Count = count;
    }

    /// <summary>All keys.</summary>
    public static KeyPiece All { get; } = new(0, 1);

    /// <summary>Which of them, from zero.</summary>
    public int Number { get; }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>All pieces of so many, in order.</summary>
    public static IEnumerable<KeyPiece> Of(int count) => Enumerable.Range(0, count).Select(number => new KeyPiece(number, count));
}
