using System.Globalization;
using Lambda.Events.Texts;
using Lambda.Time;

namespace Lambda.Testing.Shapes;

/// <summary>Turns values as the kernel holds them into those of the C# types that a declaration has.</summary>
internal static class ClrValue
{
    /// <summary>A value as a type.</summary>
    /// <param name="value">As the kernel holds it: numbers widened, instants in microseconds, other things as their text.</param>
    /// <param name="place">Whose value it is, for messages.</param>
    /// <exception cref="InvalidCastException">It is none of that type.</exception>
    public static T To<T>(object? value, string place) => (T)To(value, typeof(T), place)!;

    /// <inheritdoc cref="To{T}(object?, string)"/>
    public static object? To(object? value, Type type, string place)
    {
        Type? underlying = Nullable.GetUnderlyingType(type);
        if (value is null)
        {
            return underlying is not null || !type.IsValueType
                ? null
                : throw new InvalidCastException($"{place} is null, which a {type.Name} cannot be. Read it as {type.Name}?.");
        }

        Type plain = underlying ?? type;
        if (plain.IsInstanceOfType(value))
        {
            return value;
        }

        try
        {
            return value switch
            {
                long microseconds when plain == typeof(DateTimeOffset) => UtcMicroseconds.ToDateTimeOffset(microseconds),
                long microseconds when plain == typeof(DateTime) => UtcMicroseconds.ToDateTime(microseconds),
                DateTimeOffset instant when plain == typeof(DateTime) => instant.UtcDateTime,
                Int128 number => Convert.ChangeType((decimal)number, plain, CultureInfo.InvariantCulture),
                string text when TextForm.Of(plain) is not null => Parse(plain, text),
                _ => Convert.ChangeType(value, plain, CultureInfo.InvariantCulture),
            };
        }
        catch (Exception error) when (error is InvalidCastException or FormatException or OverflowException)
        {
            throw new InvalidCastException(
                string.Create(CultureInfo.InvariantCulture, $"{place} is {value}, a {value.GetType().Name}, and cannot be read as {plain.Name}."), error);
        }
    }

    private static object Parse(Type type, string text) =>
        ((ITextParser)Activator.CreateInstance(typeof(TextParser<>).MakeGenericType(type))!).Parse(text);

    private interface ITextParser
    {
        object Parse(string text);
    }

    private sealed class TextParser<T> : ITextParser
        where T : notnull
    {
        public object Parse(string text) => TextForm<T>.Instance.Parse(text);
    }
}
