using System.Globalization;
using Lambda.Events;
using Lambda.Serving.Answers;
using Lambda.Serving.Requests;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Composing;

namespace Lambda.Serving.Formats;

/// <summary>The columns that an answer's rows have in binary formats: those of CSV, with their types.</summary>
internal static class AnswerColumns
{
    /// <summary>The columns of the rows of a view.</summary>
    public static IReadOnlyList<TColumn> Of<TColumn>(ViewDefinition view, IColumnForms<TColumn> forms)
    {
        Queue<string> names = new(CsvColumns.Of(view));
        List<TColumn> columns = [];
        for (int part = 0; part < view.Keys.Count; part++)
        {
            columns.Add(OfKey(forms, names.Dequeue(), view.Keys[part].Type, part));
        }

        columns.Add(forms.Instant(names.Dequeue(), row => row.WindowStart));
        columns.Add(forms.Instant(names.Dequeue(), row => row.WindowEnd));
        if (view.Layout.HasPositions)
        {
            columns.Add(forms.Int64(names.Dequeue(), row => row.Position?.Partition));
            columns.Add(forms.Int64(names.Dequeue(), row => row.Position?.Offset));
        }

        for (int aggregate = 0; aggregate < view.Aggregates.Count; aggregate++)
        {
            columns.Add(OfResult(forms, names.Dequeue(), view.Aggregates[aggregate].Function.ResultType, aggregate));
        }

        columns.Add(forms.Text(names.Dequeue(), row => WireNames.Camel(row.Status.ToString())));
        columns.Add(forms.Int64(names.Dequeue(), row => row.CorrectedBy));
        columns.Add(forms.Int64(names.Dequeue(), row => row.Provenance.BatchEvents));
        columns.Add(forms.Int64(names.Dequeue(), row => row.Provenance.SpeedEvents));
        columns.Add(forms.Int64(names.Dequeue(), row => row.Provenance.LateEvents));
        return columns;
    }

    /// <summary>
    /// A column of results. Whole numbers beyond 64 bits, as sums are, are decimals. What the formats have no type for, such as decimals of any scale, is text, and structures are JSON.
    /// </summary>
    public static TColumn OfResult<TColumn>(IColumnForms<TColumn> forms, string name, Type type, int aggregate)
    {
        Type values = Nullable.GetUnderlyingType(type) ?? type;
        return Type.GetTypeCode(values) switch
        {
            TypeCode.Boolean => forms.Boolean(name, row => (bool?)Value(row)),
            TypeCode.SByte or TypeCode.Byte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Int32 =>
                forms.Int32(name, row => Value(row) is { } number ? Convert.ToInt32(number, CultureInfo.InvariantCulture) : null),
            TypeCode.UInt32 or TypeCode.Int64 => forms.Int64(name, row => Value(row) is { } number ? Convert.ToInt64(number, CultureInfo.InvariantCulture) : null),
            TypeCode.UInt64 => forms.Wide(name, row => (ulong?)Value(row)),
            TypeCode.Single => forms.Single(name, row => (float?)Value(row)),
            TypeCode.Double => forms.Double(name, row => (double?)Value(row)),
            TypeCode.DateTime => forms.Instant(name, row => Value(row) is DateTime instant ? Instants.ToDateTimeOffset(UtcMicroseconds.FromDateTime(instant)) : null),
            _ when values == typeof(Int128) => forms.Wide(name, row => (Int128?)Value(row)),
            _ when values == typeof(DateTimeOffset) => forms.Instant(name, row => (DateTimeOffset?)Value(row)),
            _ => forms.Text(name, row => TextOf(Value(row))),
        };

        object? Value(ViewRow row) => row.Values.Values[aggregate];
    }

    /// <summary>A column of a part of the group key; instants are texts in answers.</summary>
    private static TColumn OfKey<TColumn>(IColumnForms<TColumn> forms, string name, ColumnType type, int part)
    {
        return type switch
        {
            ColumnType.Boolean => forms.Boolean(name, row => (bool?)Value(row)),
            ColumnType.Int32 => forms.Int32(name, row => (int?)Value(row)),
            ColumnType.Int64 => forms.Int64(name, row => (long?)Value(row)),
            ColumnType.Timestamp => forms.Instant(
                name, row => Value(row) is string text && Instants.TryParse(text, out long instant) ? Instants.ToDateTimeOffset(instant) : null),
            _ => forms.Text(name, row => TextOf(Value(row))),
        };

        object? Value(ViewRow row) => row.Key.Values[part];
    }

    private static string? TextOf(object? value) => value switch
    {
        null => null,
        string text => text,
        DateOnly or TimeOnly => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => ResultValue.ToJson(value),
    };
}
