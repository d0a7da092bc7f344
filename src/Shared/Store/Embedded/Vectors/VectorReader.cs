using System.Globalization;
using System.Text;
using DuckDB.NET.Native;
using Lambda.Events;

namespace Lambda.Store.Embedded.Vectors;

/// <summary>Copies vectors of data chunks into a column.</summary>
internal abstract class VectorReader
{
    /// <summary>Adds <paramref name="count"/> rows of a vector to the column.</summary>
    public abstract void Read(IntPtr vector, int count);

    /// <summary>The reader that fills a column.</summary>
    public static VectorReader Of(ColumnBuffer column) => column switch
    {
        ColumnBuffer<bool> typed => new FixedVectorReader<bool>(typed),
        ColumnBuffer<int> typed => new FixedVectorReader<int>(typed),
        ColumnBuffer<long> typed => new FixedVectorReader<long>(typed),
        ColumnBuffer<Int128> typed => new FixedVectorReader<Int128>(typed),
        ColumnBuffer<double> typed => new FixedVectorReader<double>(typed),
        ColumnBuffer<decimal> typed => new DecimalVectorReader(typed),
        ColumnBuffer<string> typed => new StringVectorReader(typed),
        ColumnBuffer<byte[]> typed => new BytesVectorReader(typed),
        _ => throw new ArgumentOutOfRangeException(nameof(column), column.Type, "Unknown column type."),
    };

    /// <summary>The readers that fill a column of a state.</summary>
    public static IEnumerable<VectorReader> OfState(ColumnBuffer column) =>
        column is ColumnBuffer<Int128> typed ? WideIntegers.Readers(typed) : [Of(column)];

    private protected static unsafe bool IsNull(ulong* validity, int row) =>
        validity != null && (validity[row >> 6] & (1UL << (row & 63))) == 0;
}

internal sealed unsafe class FixedVectorReader<T>(ColumnBuffer<T> column) : VectorReader
    where T : unmanaged
{
    public override void Read(IntPtr vector, int count)
    {
        var values = new ReadOnlySpan<T>(NativeMethods.Vectors.DuckDBVectorGetData(vector), count);
        ulong* validity = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
        for (int i = 0; i < count; i++)
        {
            if (IsNull(validity, i))
            {
                column.AddNull();
            }
            else
            {
                column.Add(values[i]);
            }
        }
    }
}

/// <summary>Values that the database holds as bytes of any length.</summary>
internal abstract unsafe class BytesVectorReader<T>(ColumnBuffer<T> column) : VectorReader
{
    public override void Read(IntPtr vector, int count)
    {
        byte* entries = (byte*)NativeMethods.Vectors.DuckDBVectorGetData(vector);
        ulong* validity = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
        for (int i = 0; i < count; i++)
        {
            if (IsNull(validity, i))
            {
                column.AddNull();
                continue;
            }

            // Four bytes of length; up to twelve bytes follow in place, longer values as a prefix of four and a pointer.
            byte* entry = entries + (i * 16L);
            int length = *(int*)entry;
            byte* bytes = length <= 12 ? entry + 4 : *(byte**)(entry + 8);
            column.Add(Convert(new ReadOnlySpan<byte>(bytes, length)));
        }
    }

    protected abstract T Convert(ReadOnlySpan<byte> bytes);
}

internal sealed class BytesVectorReader(ColumnBuffer<byte[]> column) : BytesVectorReader<byte[]>(column)
{
    protected override byte[] Convert(ReadOnlySpan<byte> bytes) => bytes.ToArray();
}

internal sealed class StringVectorReader(ColumnBuffer<string> column) : BytesVectorReader<string>(column)
{
    protected override string Convert(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}

internal sealed class DecimalVectorReader(ColumnBuffer<decimal> column) : BytesVectorReader<decimal>(column)
{
    protected override decimal Convert(ReadOnlySpan<byte> bytes) => decimal.Parse(bytes, NumberStyles.Number, CultureInfo.InvariantCulture);
}
