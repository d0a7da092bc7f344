namespace Lambda.Events.Texts;

/// <summary>
/// Addresses as they were spelled. Any string is taken, and parsed only where an expression looks into it: one that is no address then fails the
/// event's expression.
/// </summary>
internal sealed class UriForm : TextForm<Uri>
{
    public override string Expected => "an address";

    public override bool TryNormalize(ReadOnlySpan<byte> spelled, Span<byte> buffer, out ReadOnlySpan<byte> text)
    {
        text = spelled;
        return true;
    }

    public override Uri Parse(string text) => new(text, UriKind.RelativeOrAbsolute);

    public override string Format(Uri value) => value.OriginalString;
}
