using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Lambda.Time;

namespace Lambda.Batch.History.Files;

/// <summary>Smallest and largest of a column's values, as a table's log notes them. Bounds that are not sure are not noted.</summary>
internal interface IBounds<in T>
{
    bool IsKnown { get; }

    void Add(T value);

    void WriteMin(Utf8JsonWriter json);

    void WriteMax(Utf8JsonWriter json);
}

/// <summary>For types whose bounds Delta does not note.</summary>
internal struct NoBounds<T> : IBounds<T>
{
    public readonly bool IsKnown => false;

    public readonly void Add(T value)
    {
    }

    public readonly void WriteMin(Utf8JsonWriter json) => throw new InvalidOperationException("There are no bounds.");

    public readonly void WriteMax(Utf8JsonWriter json) => throw new InvalidOperationException("There are no bounds.");
}

/// <inheritdoc/>
internal struct IntegerBounds<T> : IBounds<T>
    where T : struct, IBinaryInteger<T>
{
    private T _min;
    private T _max;

    public bool IsKnown { get; private set; }

    public void Add(T value)
    {
        if (!IsKnown)
        {
            (_min, _max, IsKnown) = (value, value, true);
        }
        else
        {
            _min = value < _min ? value : _min;
            _max = value > _max ? value : _max;
        }
    }

    public readonly void WriteMin(Utf8JsonWriter json) => json.WriteNumberValue(long.CreateChecked(_min));

    public readonly void WriteMax(Utf8JsonWriter json) => json.WriteNumberValue(long.CreateChecked(_max));
}

/// <summary>
/// Bounds of instants, written with all six digits of a second. Engines that note milliseconds cut, and their readers add one to the
/// maximum; for a whole bound that is only a little loose.
/// </summary>
internal struct TimestampBounds : IBounds<long>
{
    private long _min;
    private long _max;
    private bool _any;

    public readonly bool IsKnown => _any && _min >= UtcMicroseconds.MinValue && _max <= UtcMicroseconds.MaxValue;

    public void Add(long value) =>
        (_min, _max, _any) = _any ? (Math.Min(_min, value), Math.Max(_max, value), true) : (value, value, true);

    public readonly void WriteMin(Utf8JsonWriter json) => json.WriteStringValue(Iso(_min));

    public readonly void WriteMax(Utf8JsonWriter json) => json.WriteStringValue(Iso(_max));

    private static string Iso(long value) =>
        UtcMicroseconds.ToDateTime(value).ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
}

/// <summary>Bounds of doubles; none when one of them is not a finite number, which JSON has no digits for and readers order differently.</summary>
internal struct DoubleBounds : IBounds<double>
{
    private double _min;
    private double _max;
    private bool _any;
    private bool _unordered;

    public readonly bool IsKnown => _any && !_unordered;

    public void Add(double value)
    {
        if (!double.IsFinite(value))
        {
            _unordered = true;
        }
        else
        {
            (_min, _max, _any) = _any ? (Math.Min(_min, value), Math.Max(_max, value), true) : (value, value, true);
        }
    }

    public readonly void WriteMin(Utf8JsonWriter json) => json.WriteNumberValue(_min);

    public readonly void WriteMax(Utf8JsonWriter json) => json.WriteNumberValue(_max);
}
