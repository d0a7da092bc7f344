using System.Text;
using DuckDB.NET.Native;
using Lambda.Events;

namespace Lambda.Store.Embedded.Vectors;

/// <summary>Copies a column into the vectors of data chunks.</summary>
internal abstract unsafe class VectorWriter(DuckDBType type)
{
    /// <summary>The type of the vectors.</summary>
    public DuckDBType Type { get; } = type;

    /// <summary>Fills a vector with <paramref name="count"/> rows from <paramref name="first"/> on.</summary>
    public abstract void Write(IntPtr vector, int first, int count);

    /// <summary>The writer for a column of values.</summary>
    public static VectorWriter Of(ColumnBuffer column) => column switch
    {
        ColumnBuffer<bool> typed => new FixedVectorWriter<bool>(typed),
        ColumnBuffer<int> typed => new FixedVectorWriter<int>(typed),
        ColumnBuffer<long> typed => new FixedVectorWriter<long>(typed),
        ColumnBuffer<Int128> typed => new FixedVectorWriter<Int128>(typed),
        ColumnBuffer<double> typed => new FixedVectorWriter<double>(typed),
        ColumnBuffer<decimal> typed => new DecimalVectorWriter(typed, canonical: false),
        ColumnBuffer<string> typed => new StringVectorWriter(typed),
        ColumnBuffer<byte[]> typed => new BytesVectorWriter(typed),
        _ => throw new ArgumentOutOfRangeException(nameof(column), column.Type, "Unknown column type."),
    };

    /// <summary>The writer for a part of a key: equal values become equal in the database too.</summary>
    public static VectorWriter OfKey(ColumnBuffer column) =>
        column is ColumnBuffer<decimal> typed ? new DecimalVectorWriter(typed, canonical: true) : Of(column);

    /// <summary>The writers for a column of a state.</summary>
    public static IEnumerable<VectorWriter> OfState(ColumnBuffer column) =>
        column is ColumnBuffer<Int128> typed ? WideIntegers.Writers(typed) : [Of(column)];

    private protected static void WriteNulls(IntPtr vector, ColumnBuffer column, int first, int count)
    {
        ulong* validity = null;
        for (int i = 0; i < count; i++)
        {
            if (column.IsNull(first + i))
            {
                if (validity == null)
                {
                    NativeMethods.Vectors.DuckDBVectorEnsureValidityWritable(vector);
                    validity = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
                }

                validity[i >> 6] &= ~(1UL << (i & 63));
            }
        }
    }

    // The checked function refuses bytes that are not UTF-8, which blobs need not be and encoded strings always are.
    private protected static void Assign(IntPtr vector, int row, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            byte nothing;
            NativeMethods.Vectors.DuckDBUnsafeVectorAssignStringElementLength(
                vector, (ulong)row, start == null ? &nothing : start, bytes.Length);
        }
    }
}

/// <summary>Values that the database holds in the same bytes as .NET.</summary>
internal sealed unsafe class FixedVectorWriter<T>(ColumnBuffer<T> column) : VectorWriter(DuckDBTypes.Of(column.Type))
    where T : unmanaged
{
    public override void Write(IntPtr vector, int first, int count)
    {
        column.Values.Slice(first, count).CopyTo(new Span<T>(NativeMethods.Vectors.DuckDBVectorGetData(vector), count));
        WriteNulls(vector, column, first, count);
    }
}

/// <summary>The same value in every row.</summary>
internal sealed unsafe class ConstantVectorWriter<T>(DuckDBType type, T value) : VectorWriter(type)
    where T : unmanaged
{
    public override void Write(IntPtr vector, int first, int count) =>
        new Span<T>(NativeMethods.Vectors.DuckDBVectorGetData(vector), count).Fill(value);
}

internal sealed class StringVectorWriter(ColumnBuffer<string> column) : VectorWriter(DuckDBType.Varchar)
{
    private byte[] _utf8 = new byte[256];

    public override void Write(IntPtr vector, int first, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (!column.IsNull(first + i))
            {
                string value = column[first + i];
                int longest = Encoding.UTF8.GetMaxByteCount(value.Length);
                if (_utf8.Length < longest)
                {
                    _utf8 = new byte[longest * 2];
                }

                Assign(vector, i, _utf8.AsSpan(0, Encoding.UTF8.GetBytes(value, _utf8)));
            }
        }

        WriteNulls(vector, column, first, count);
    }
}

internal sealed class BytesVectorWriter(ColumnBuffer<byte[]> column) : VectorWriter(DuckDBType.Blob)
{
    public override void Write(IntPtr vector, int first, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (!column.IsNull(first + i))
            {
                Assign(vector, i, column[first + i]);
            }
        }

        WriteNulls(vector, column, first, count);
    }
}

internal sealed class DecimalVectorWriter(ColumnBuffer<decimal> column, bool canonical) : VectorWriter(DuckDBType.Varchar)
{
    // Sign, 29 digits and a point.
    private readonly byte[] _text = new byte[32];

    public override void Write(IntPtr vector, int first, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (!column.IsNull(first + i))
            {
                decimal value = canonical ? CanonicalDecimal.Of(column[first + i]) : column[first + i];
                value.TryFormat(_text, out int length, default, System.Globalization.CultureInfo.InvariantCulture);
                Assign(vector, i, _text.AsSpan(0, length));
            }
        }

        WriteNulls(vector, column, first, count);
    }
}
