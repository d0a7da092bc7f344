using Lambda.Serving.Answers;

namespace Lambda.Serving.Formats;

/// <summary>Makes columns of a binary format, one way for each type that answers have there. Any column may have nulls.</summary>
/// <typeparam name="TColumn">A column of the format.</typeparam>
internal interface IColumnForms<out TColumn>
{
    /// <summary>A column of truth values.</summary>
    TColumn Boolean(string name, Func<ViewRow, bool?> value);

    /// <summary>A column of whole numbers of 32 bits.</summary>
    TColumn Int32(string name, Func<ViewRow, int?> value);

    /// <summary>A column of whole numbers of 64 bits.</summary>
    TColumn Int64(string name, Func<ViewRow, long?> value);

    /// <summary>A column of whole numbers beyond 64 bits, which have <see cref="WideNumbers.Digits"/> digits at most.</summary>
    TColumn Wide(string name, Func<ViewRow, Int128?> value);

    /// <summary>A column of floating-point numbers of 32 bits.</summary>
    TColumn Single(string name, Func<ViewRow, float?> value);

    /// <summary>A column of floating-point numbers of 64 bits.</summary>
    TColumn Double(string name, Func<ViewRow, double?> value);

    /// <summary>A column of instants, which are UTC microseconds.</summary>
    TColumn Instant(string name, Func<ViewRow, DateTimeOffset?> value);

    /// <summary>A column of texts.</summary>
    TColumn Text(string name, Func<ViewRow, string?> value);
}
