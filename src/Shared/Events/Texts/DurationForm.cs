using System.Buffers.Text;
using System.Globalization;

namespace Lambda.Events.Texts;

/// <summary>Durations as <c>[-][d.]hh:mm:ss[.fffffff]</c>, all seven digits of a second or none.</summary>
internal sealed class DurationForm : TextForm<TimeSpan>
{
    public override string Expected => "a duration such as 01:30:00";

    public override bool TryNormalize(ReadOnlySpan<byte> spelled, Span<byte> buffer, out ReadOnlySpan<byte> text)
    {
        // The parser takes white space in front.
        if (spelled is not [(>= (byte)'0' and <= (byte)'9') or (byte)'-', ..]
            || !Utf8Parser.TryParse(spelled, out TimeSpan value, out int read, 'c') || read != spelled.Length
            || !value.TryFormat(buffer, out int length, "c", CultureInfo.InvariantCulture))
        {
            text = default;
            return false;
        }

        text = buffer[..length];
        return true;
    }

    public override TimeSpan Parse(string text) => TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture);

    public override string Format(TimeSpan value) => value.ToString("c", CultureInfo.InvariantCulture);
}
