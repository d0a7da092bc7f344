using System.Numerics;
using Lambda.Aggregation.Encoding;
using Lambda.Events;
using Lambda.Events.Texts;
using Lambda.Time;

namespace Lambda.Aggregation.Values;

/// <summary>Integers of at most 64 bits, <see cref="ulong"/> aside.</summary>
internal readonly struct IntegerCodec<T> : IInt64Codec<IntegerCodec<T>, T>
    where T : struct, IBinaryInteger<T>
{
    public static string Name => typeof(T).Name.ToLowerInvariant();

    public static ColumnType Column => IsWide ? ColumnType.Int64 : ColumnType.Int32;

    private static bool IsWide => typeof(T) == typeof(long) || typeof(T) == typeof(uint);

    public static long ToInt64(T value) => long.CreateTruncating(value);

    public static T FromInt64(long value)
    {
        var narrowed = T.CreateTruncating(value);
        return long.CreateTruncating(narrowed) == value ? narrowed : throw new FormatException($"{value} is not a value of type {typeof(T).Name}.");
    }

    public static void WriteColumn(T value, StateWriter writer)
    {
        if (IsWide)
        {
            writer.WriteInt64(ToInt64(value));
        }
        else
        {
            writer.WriteInt32((int)ToInt64(value));
        }
    }

    public static T ReadColumn(StateReader reader) => FromInt64(IsWide ? reader.ReadInt64() : reader.ReadInt32());
}

/// <summary>Truth values; false comes before true.</summary>
internal readonly struct BooleanCodec : IInt64Codec<BooleanCodec, bool>
{
    public static string Name => "boolean";

    public static ColumnType Column => ColumnType.Boolean;

    public static long ToInt64(bool value) => value ? 1 : 0;

    public static bool FromInt64(long value) => value is 0 or 1 ? value == 1 : throw new FormatException($"{value} is no truth value.");

    public static void WriteColumn(bool value, StateWriter writer) => writer.WriteBoolean(value);

    public static bool ReadColumn(StateReader reader) => reader.ReadBoolean();
}

/// <summary>Instants, which have microseconds in all layers; shown in UTC.</summary>
internal readonly struct DateTimeCodec : IInt64Codec<DateTimeCodec, DateTime>
{
    public static string Name => "datetime";

    public static ColumnType Column => ColumnType.Timestamp;

    public static Type ShownAs => typeof(DateTimeOffset);

    public static DateTime Canonical(DateTime value) => FromInt64(ToInt64(value));

    public static long ToInt64(DateTime value) => UtcMicroseconds.FromDateTime(value);

    public static DateTime FromInt64(long value) => UtcMicroseconds.ToDateTime(value);

    public static object Show(DateTime value) => UtcMicroseconds.ToDateTimeOffset(ToInt64(value));
}

/// <summary>Instants, which have microseconds in all layers; shown in UTC, because equal instants are one value whatever their offsets.</summary>
internal readonly struct DateTimeOffsetCodec : IInt64Codec<DateTimeOffsetCodec, DateTimeOffset>
{
    public static string Name => "datetimeoffset";

    public static ColumnType Column => ColumnType.Timestamp;

    public static DateTimeOffset Canonical(DateTimeOffset value) => FromInt64(ToInt64(value));

    public static long ToInt64(DateTimeOffset value) => UtcMicroseconds.From(value);

    public static DateTimeOffset FromInt64(long value) => UtcMicroseconds.ToDateTimeOffset(value);
}

/// <summary>Dates of a calendar, at rest as their midnight in UTC.</summary>
internal readonly struct DateOnlyCodec : IInt64Codec<DateOnlyCodec, DateOnly>
{
    public static string Name => "dateonly";

    public static ColumnType Column => ColumnType.Timestamp;

    public static long ToInt64(DateOnly value) => UtcMicroseconds.FromDateTime(value.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));

    public static DateOnly FromInt64(long value) => DateOnly.FromDateTime(UtcMicroseconds.ToDateTime(value));
}

/// <summary>Durations, at rest in ticks of 100 ns.</summary>
internal readonly struct TimeSpanCodec : IInt64Codec<TimeSpanCodec, TimeSpan>
{
    public static string Name => "timespan";

    public static ColumnType Column => ColumnType.Int64;

    public static long ToInt64(TimeSpan value) => value.Ticks;

    public static TimeSpan FromInt64(long value) => new(value);
}

/// <summary>
/// Enumerations: in the order of their numbers; shown and kept by name, so that a member that gets another number keeps its meaning. Numbers without a
/// name stay numbers.
/// </summary>
internal readonly struct EnumCodec<T> : IValueCodec<T>
    where T : struct, Enum
{
    /// <summary>The names that events have in JSON; null for types that events cannot have as members.</summary>
    private static readonly TextForm<T>? Names = TextForm.Of(typeof(T)) as TextForm<T>;

    public static string Name => $"enum {typeof(T).FullName}";

    public static ColumnType Column => ColumnType.String;

    public static Type ShownAs => typeof(string);

    public static int Compare(T left, T right) => Comparer<T>.Default.Compare(left, right);

    public static bool AreEqual(T left, T right) => EqualityComparer<T>.Default.Equals(left, right);

    public static ulong Hash(T value) => StableHash.Of(Text(value));

    public static object Show(T value) => Text(value);

    public static void WriteColumn(T value, StateWriter writer) => writer.WriteString(Text(value));

    public static T ReadColumn(StateReader reader) => Parse(reader.ReadString());

    public static void Write(T value, ByteWriter writer) => writer.WriteText(Text(value));

    public static T Read(ref ByteReader reader) => Parse(reader.ReadText());

    private static string Text(T value) => Names is null ? value.ToString() : Names.Format(value);

    private static T Parse(string text) => Enum.TryParse(text, out T value) && Text(value) == text ? value
        : Names?.Parse(text) ?? throw new FormatException($"'{text}' is not a member of {typeof(T).Name}.");
}
