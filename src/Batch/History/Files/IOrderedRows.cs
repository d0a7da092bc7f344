namespace Lambda.Batch.History.Files;

/// <summary>The rows of a file that is to be written, in its order and piece by piece: there may be too many to have the addresses of all of them in memory.</summary>
internal interface IOrderedRows
{
    /// <summary>Hands out the next rows, which are valid until the next call.</summary>
    /// <param name="most">How many there are to be at most.</param>
    /// <returns>None at the end.</returns>
    ReadOnlySpan<RowKey> Next(int most);
}

/// <summary>Rows whose addresses are in memory.</summary>
internal sealed class RowsInMemory(ReadOnlyMemory<RowKey> rows) : IOrderedRows
{
    private ReadOnlyMemory<RowKey> _rest = rows;

    public ReadOnlySpan<RowKey> Next(int most)
    {
        ReadOnlyMemory<RowKey> next = _rest[..Math.Min(most, _rest.Length)];
        _rest = _rest[next.Length..];
        return next.Span;
    }
}
