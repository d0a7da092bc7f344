using System.Reflection;
using System.Text;
using System.Text.Json.Serialization;

namespace Lambda.Events.Texts;

/// <summary>
/// Values of an enum by their names in JSON. C# names are read exactly first, then without regard to case; names by
/// <see cref="JsonStringEnumMemberNameAttribute"/> only exactly. The number of a named value is read too. Of several names of one value the first
/// stands for all.
/// </summary>
internal sealed class EnumForm<T> : TextForm<T>
    where T : struct, Enum
{
    private readonly EnumName[] _names;
    private readonly Dictionary<string, T> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<T, string> _texts = [];

    public EnumForm()
    {
        List<EnumName> names = [];
        foreach (string declared in Enum.GetNames<T>())
        {
            T value = Enum.Parse<T>(declared);
            string? given = typeof(T).GetField(declared)!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name;
            string name = given ?? declared;
            _texts.TryAdd(value, name);
            _values.TryAdd(name, value);
            names.Add(new EnumName(
                name, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(_texts[value]), unchecked((long)Bits(value)), IsExact: given is not null));
        }

        _names = [.. names];
    }

    public override string Expected => $"one of: {string.Join(", ", _texts.Values)}";

    public override bool TryNormalize(ReadOnlySpan<byte> spelled, Span<byte> buffer, out ReadOnlySpan<byte> text)
    {
        foreach (EnumName name in _names)
        {
            if (spelled.SequenceEqual(name.Utf8))
            {
                text = name.Normal;
                return true;
            }
        }

        foreach (EnumName name in _names)
        {
            if (!name.IsExact && Ascii.EqualsIgnoreCase(spelled, name.Utf8))
            {
                text = name.Normal;
                return true;
            }
        }

        return TryNormalizeBeyondAscii(spelled, out text);
    }

    public override bool TryNormalize(long number, out ReadOnlySpan<byte> text)
    {
        foreach (EnumName name in _names)
        {
            if (name.Number == number)
            {
                text = name.Normal;
                return true;
            }
        }

        text = default;
        return false;
    }

    public override T Parse(string text) => _values.TryGetValue(text, out T value)
        ? value
        : throw new FormatException($"'{text}' is no value of {typeof(T).Name}.");

    public override string Format(T value) => _texts.TryGetValue(value, out string? text) ? text : value.ToString();

    private bool TryNormalizeBeyondAscii(ReadOnlySpan<byte> spelled, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (Ascii.IsValid(spelled))
        {
            return false;
        }

        string name = Encoding.UTF8.GetString(spelled);
        EnumName? found = Array.Find(_names, candidate => !candidate.IsExact && string.Equals(candidate.Text, name, StringComparison.OrdinalIgnoreCase));
        text = found is null ? default : found.Normal;
        return found is not null;
    }

    private static ulong Bits(T value) => Type.GetTypeCode(typeof(T)) is TypeCode.UInt64
        ? Convert.ToUInt64(value, System.Globalization.CultureInfo.InvariantCulture)
        : unchecked((ulong)Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));

    /// <param name="Text">The name.</param>
    /// <param name="Utf8">The same.</param>
    /// <param name="Normal">The name that stands for the value.</param>
    /// <param name="Number">The value.</param>
    /// <param name="IsExact">Whether case matters.</param>
    private sealed record EnumName(string Text, byte[] Utf8, byte[] Normal, long Number, bool IsExact);
}
