using System.Globalization;
using System.Text;

namespace Lambda.Events.Texts;

/// <summary>Dates as <c>2024-02-29</c>.</summary>
internal sealed class DateForm : TextForm<DateOnly>
{
    private const string Format10 = "yyyy-MM-dd";

    public override string Expected => "a date such as 2024-02-29";

    public override bool TryNormalize(ReadOnlySpan<byte> spelled, Span<byte> buffer, out ReadOnlySpan<byte> text)
    {
        text = spelled;
        Span<char> characters = stackalloc char[Format10.Length];
        return spelled.Length == Format10.Length && Ascii.ToUtf16(spelled, characters, out _) == System.Buffers.OperationStatus.Done
            && DateOnly.TryParseExact(characters, Format10, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
    }

    public override DateOnly Parse(string text) => DateOnly.ParseExact(text, Format10, CultureInfo.InvariantCulture);

    public override string Format(DateOnly value) => value.ToString(Format10, CultureInfo.InvariantCulture);
}
