using System.Numerics;

namespace Lambda.Bench.Workloads;

/// <summary>
/// 128 bits that depend on every value of every row and not on the order of rows: so a whole answer is consumed, and two answers can be compared without
/// keeping them.
/// </summary>
internal sealed class Fingerprint
{
    private ulong[] _rows = [];
    private int _count;
    private ulong _sum;
    private ulong _sumOfSquares;

    /// <summary>The number of rows.</summary>
    public long Rows { get; private set; }

    /// <summary>Starts so many rows.</summary>
    public void Begin(int rows)
    {
        if (_rows.Length < rows)
        {
            _rows = new ulong[rows];
        }

        _count = rows;
        Array.Clear(_rows, 0, rows);
    }

    /// <summary>Adds a column of the rows.</summary>
    /// <param name="column">Which one.</param>
    /// <param name="values">Its values.</param>
    public void Add(int column, ReadOnlySpan<long> values)
    {
        ulong salt = (ulong)(column + 1) * 0x9E3779B97F4A7C15;
        Span<ulong> rows = _rows.AsSpan(0, _count);
        for (int i = 0; i < rows.Length; i++)
        {
            ulong mixed = ((ulong)values[i] ^ salt) * 0xD6E8FEB86659FD93;
            rows[i] += (mixed ^ (mixed >> 32)) * 0xC2B2AE3D27D4EB4F;
        }
    }

    /// <summary>Ends the rows.</summary>
    public void End()
    {
        foreach (ulong row in _rows.AsSpan(0, _count))
        {
            ulong mixed = (row ^ BitOperations.RotateLeft(row, 29)) * 0x9E3779B97F4A7C15;
            mixed ^= mixed >> 31;
            _sum += mixed;
            _sumOfSquares += mixed * mixed;
        }

        Rows += _count;
    }

    /// <summary>Adds the rows of another.</summary>
    public void Merge(Fingerprint other)
    {
        _sum += other._sum;
        _sumOfSquares += other._sumOfSquares;
        Rows += other.Rows;
    }

    public override string ToString() => $"{Rows} rows, {_sum:x16}{_sumOfSquares:x16}";
}
