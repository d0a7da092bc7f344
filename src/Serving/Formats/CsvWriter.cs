using System.Globalization;
using System.Text;
using Lambda.Views.Composing;

namespace Lambda.Serving.Formats;

/// <summary>Writes comma-separated values as RFC 4180 has them. Null is an empty field, an empty text a quoted one; structures are JSON.</summary>
internal sealed class CsvWriter
{
    private readonly StringBuilder _text = new();
    private bool _isFirst = true;

    /// <summary>How many characters are waiting.</summary>
    public int Length => _text.Length;

    /// <summary>Writes a field; numbers with all their digits.</summary>
    public void Field(object? value)
    {
        if (!_isFirst)
        {
            _text.Append(',');
        }

        _isFirst = false;
        switch (value)
        {
            case null:
                break;
            case bool flag:
                _text.Append(flag ? "true" : "false");
                break;
            case DateTimeOffset instant:
                _text.Append(Instants.ToText(instant));
                break;
            case string text:
                Text(text);
                break;
            case DateTime or DateOnly or TimeOnly:
                _text.Append(((IFormattable)value).ToString("O", CultureInfo.InvariantCulture));
                break;
            case IFormattable number:
                Text(number.ToString(null, CultureInfo.InvariantCulture));
                break;
            default:
                // Lists and other structures have no form of their own in a field.
                Text(ResultValue.ToJson(value));
                break;
        }
    }

    /// <summary>Ends a record.</summary>
    public void EndRecord()
    {
        _text.Append("\r\n");
        _isFirst = true;
    }

    /// <summary>Takes out what is waiting.</summary>
    public string TakeText()
    {
        string text = _text.ToString();
        _text.Clear();
        return text;
    }

    private void Text(string text)
    {
        bool isPlain = text.Length > 0 && text[0] != ' ' && text[^1] != ' ' && text.AsSpan().IndexOfAny(",\"\r\n") < 0;
        if (isPlain)
        {
            _text.Append(text);
        }
        else
        {
            _text.Append('"').Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        }
    }
}
