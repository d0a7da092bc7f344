using Apache.Arrow;
using Apache.Arrow.Types;
using Lambda.Serving.Answers;

namespace Lambda.Serving.Formats;

/// <summary>A column of an answer's rows in Arrow's record batches.</summary>
internal abstract class ArrowColumn
{
    private ArrowColumn(string name, IArrowType type) => Field = new Field(name, type, nullable: true);

    /// <summary>Its name and type in the schema.</summary>
    public Field Field { get; }

    /// <summary>Its values of some rows. Whoever asks disposes them.</summary>
    public abstract IArrowArray Take(ReadOnlySpan<ViewRow> rows);

    /// <summary>A column of values of one size, which are in memory as Arrow has them.</summary>
    public sealed class Values<T>(string name, IArrowType type, Func<ViewRow, T?> value) : ArrowColumn(name, type)
        where T : struct
    {
        public override IArrowArray Take(ReadOnlySpan<ViewRow> rows)
        {
            ArrowBuffer.Builder<T> values = new(rows.Length);
            ArrowBuffer.BitmapBuilder present = new(rows.Length);
            foreach (ViewRow row in rows)
            {
                T? item = value(row);
                values.Append(item.GetValueOrDefault());
                present.Append(item.HasValue);
            }

            return ArrowArrayFactory.BuildArray(new ArrayData(Field.DataType, rows.Length, present.UnsetBitCount, 0, [present.Build(), values.Build()]));
        }
    }

    /// <summary>A column of truth values, which are single bits.</summary>
    public sealed class Flags(string name, Func<ViewRow, bool?> value) : ArrowColumn(name, BooleanType.Default)
    {
        public override IArrowArray Take(ReadOnlySpan<ViewRow> rows)
        {
            BooleanArray.Builder flags = new();
            foreach (ViewRow row in rows)
            {
                _ = value(row) is { } flag ? flags.Append(flag) : flags.AppendNull();
            }

            return flags.Build();
        }
    }

    /// <summary>A column of texts.</summary>
    public sealed class Texts(string name, Func<ViewRow, string?> value) : ArrowColumn(name, StringType.Default)
    {
        public override IArrowArray Take(ReadOnlySpan<ViewRow> rows)
        {
            StringArray.Builder texts = new();
            foreach (ViewRow row in rows)
            {
                _ = value(row) is { } text ? texts.Append(text) : texts.AppendNull();
            }

            return texts.Build();
        }
    }
}
