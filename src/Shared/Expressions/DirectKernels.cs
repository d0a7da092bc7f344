using System.Linq.Expressions;
using System.Numerics;
using System.Runtime.InteropServices;
using Lambda.Events;

namespace Lambda.Expressions;

/// <summary>Kernels for expressions that are a member and nothing else: they copy its column, and need no compiling.</summary>
internal static class DirectKernels
{
    /// <summary>A kernel for values of a member's own type; null when the expression is anything else.</summary>
    public static CompiledKernel<T>? Values<T>(LambdaExpression selector, EventSchema schema) =>
        Member(selector, schema) is { } member && member.PlainType == typeof(T)
            && member.Type is ColumnType.Boolean or ColumnType.Int32 or ColumnType.Int64 or ColumnType.Double or ColumnType.Decimal
            && member.FillsColumn
            ? new CompiledKernel<T>(CopyOf<T>(member), member.IsNullable, ExpressionText.Of(selector))
            : null;

    /// <summary>A kernel for a key part that is a string as the column holds it; null when the expression is anything else.</summary>
    public static CompiledKernel<long>? TextIds(LambdaExpression selector, EventSchema schema) =>
        Member(selector, schema) is { Type: ColumnType.String, Form: null } member
            ? new CompiledKernel<long>(IdsOf(member), IsNullable: false, ExpressionText.Of(selector))
            : null;

    /// <summary>
    /// The plain member that the expression is, without conversions, which may change values; null also when it lies in an object that may be null, where
    /// the event has to fail.
    /// </summary>
    private static EventMember? Member(LambdaExpression selector, EventSchema schema) =>
        selector.Body is MemberExpression && ReadMembers.Direct(selector, schema) is { Kind: MemberKind.Value } member
            && !member.Ancestry.Any(part => part != member && part.IsNullable)
            ? member
            : null;

    private static ColumnKernel<T> CopyOf<T>(EventMember member) => (batch, rows, count, progress, values, nulls) =>
    {
        // Values lie in arrays that are no less typed than the column, whose type parameter must be a struct.
        Column column = batch[member]!;
        T[] source = (T[])column.ValueArray;
        Copy(source, rows.AsSpan(0, count), batch.Count, values);
        if (column.Nulls is { } marks)
        {
            Copy(marks, rows.AsSpan(0, count), batch.Count, nulls);
        }

        progress.Next = count;
    };

    private static ColumnKernel<long> IdsOf(EventMember member) => (batch, rows, count, progress, values, nulls) =>
    {
        int[] ids = ((DictionaryColumn)batch[member]!).Ids;
        if (count == batch.Count)
        {
            Widen(ids.AsSpan(0, count), values);
        }
        else
        {
            ReadOnlySpan<int> selected = rows.AsSpan(0, count);
            for (int place = 0; place < selected.Length; place++)
            {
                values[place] = ids[selected[place]];
            }
        }

        progress.Next = count;
    };

    private static void Widen(ReadOnlySpan<int> source, Span<long> destination)
    {
        ReadOnlySpan<Vector<int>> vectors = MemoryMarshal.Cast<int, Vector<int>>(source);
        Span<Vector<long>> wide = MemoryMarshal.Cast<long, Vector<long>>(destination[..source.Length]);
        for (int i = 0; i < vectors.Length; i++)
        {
            Vector.Widen(vectors[i], out wide[2 * i], out wide[(2 * i) + 1]);
        }

        for (int i = vectors.Length * Vector<int>.Count; i < source.Length; i++)
        {
            destination[i] = source[i];
        }
    }

    private static void Copy<T>(T[] source, ReadOnlySpan<int> rows, int rowsOfBatch, T[] destination)
    {
        if (rows.Length == rowsOfBatch)
        {
            // As many different rows as there are: all of them, in order.
            source.AsSpan(0, rowsOfBatch).CopyTo(destination);
            return;
        }

        for (int place = 0; place < rows.Length; place++)
        {
            destination[place] = source[rows[place]];
        }
    }
}
