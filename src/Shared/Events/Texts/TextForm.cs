using System.Collections.Concurrent;
using System.Text;

namespace Lambda.Events.Texts;

/// <summary>
/// How values of a C# type stand in a string column: each value as one text only, so that equal values are equal texts and group, compare and hash
/// alike whatever spelling they came in.
/// </summary>
internal abstract class TextForm
{
    private static readonly ConcurrentDictionary<Type, TextForm?> Forms = new();

    /// <summary>Room for the text of any value whose length does not follow from what was read.</summary>
    public const int MaxBytes = 64;

    /// <summary>The form of a type; null when its values do not stand in string columns, or are strings.</summary>
    public static TextForm? Of(Type type) => Forms.GetOrAdd(type, static type => type switch
    {
        _ when type == typeof(Guid) => new GuidForm(),
        _ when type == typeof(DateOnly) => new DateForm(),
        _ when type == typeof(TimeSpan) => new DurationForm(),
        _ when type == typeof(Uri) => new UriForm(),
        { IsEnum: true } when !type.IsDefined(typeof(FlagsAttribute), inherit: false) =>
            (TextForm)Activator.CreateInstance(typeof(EnumForm<>).MakeGenericType(type))!,
        _ => null,
    });

    /// <summary>The text that stands for a value which is spelled as in JSON; false when it is no value of the type.</summary>
    /// <param name="spelled">The spelling, unescaped.</param>
    /// <param name="buffer">At least <see cref="MaxBytes"/>, for the text.</param>
    /// <param name="text">The text, in the buffer or elsewhere; valid as long as both parameters are.</param>
    public abstract bool TryNormalize(ReadOnlySpan<byte> spelled, Span<byte> buffer, out ReadOnlySpan<byte> text);

    /// <summary>What is a value of the type, to go behind "Give" in messages.</summary>
    public abstract string Expected { get; }

    /// <summary>The text that stands for a value which is spelled as in JSON; null when it is no value of the type.</summary>
    public string? Normalize(string spelled) => TryNormalize(Encoding.UTF8.GetBytes(spelled), stackalloc byte[MaxBytes], out ReadOnlySpan<byte> text)
        ? Encoding.UTF8.GetString(text)
        : null;

    /// <summary>The text of a value that is spelled as a number in JSON; null when the type has no such spelling, or no such value.</summary>
    public string? Normalize(long number) => TryNormalize(number, out ReadOnlySpan<byte> text) ? Encoding.UTF8.GetString(text) : null;

    /// <summary>The text of a value of the type.</summary>
    public abstract string FormatValue(object value);

    /// <summary>The text of a value that is spelled as a number in JSON; false when the type has no such spelling, or no such value.</summary>
    public virtual bool TryNormalize(long number, out ReadOnlySpan<byte> text)
    {
        text = default;
        return false;
    }
}

/// <inheritdoc/>
internal abstract class TextForm<T> : TextForm
{
    /// <summary>The form.</summary>
    /// <exception cref="InvalidOperationException">The type has none.</exception>
    public static TextForm<T> Instance => Of(typeof(T)) as TextForm<T> ?? throw new InvalidOperationException($"{typeof(T)} has no text form.");

    /// <summary>The value that a text of this form stands for.</summary>
    public abstract T Parse(string text);

    /// <summary>The text of a value.</summary>
    public abstract string Format(T value);

    public sealed override string FormatValue(object value) => Format((T)value);
}
