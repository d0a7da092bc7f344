using System.Buffers.Text;

namespace Lambda.Events.Texts;

/// <summary>Guids as 32 lower-case digits in groups: <c>d85b1407-351d-4694-9392-03acc5870eb1</c>. Read in any case.</summary>
internal sealed class GuidForm : TextForm<Guid>
{
    private const int Length = 36;

    public override string Expected => "a Guid such as d85b1407-351d-4694-9392-03acc5870eb1";

    public override bool TryNormalize(ReadOnlySpan<byte> spelled, Span<byte> buffer, out ReadOnlySpan<byte> text)
    {
        bool isRead = spelled.Length == Length && Utf8Parser.TryParse(spelled, out Guid value, out int read, 'D') && read == Length
            && value.TryFormat(buffer, out _);
        text = isRead ? buffer[..Length] : default;
        return isRead;
    }

    public override Guid Parse(string text) => Guid.ParseExact(text, "D");

    public override string Format(Guid value) => value.ToString("D");
}
