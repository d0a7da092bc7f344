using System.Globalization;
using Lambda.Batch.History.Files;

namespace Lambda.Batch.History.Merge;

/// <summary>Looks at the times of a file's rows one by one: whether they are in order, and all of its date.</summary>
internal struct RowOrder
{
    private int _rows;
    private int? _disorder;
    private long _first;
    private long _last;

    /// <summary>Takes in the time of the next row.</summary>
    public void Add(long time)
    {
        if (_rows == 0)
        {
            _first = time;
        }
        else if (time < _last)
        {
            _disorder ??= _rows;
        }

        _last = time;
        _rows++;
    }

    /// <summary>What is wrong with the rows as those of a file of a date; null when nothing is.</summary>
    /// <param name="day">The first instant of the date; null when the file has none.</param>
    public readonly string? ProblemOn(long? day) => _disorder is { } row
        ? string.Create(CultureInfo.InvariantCulture, $"row {row} is of an earlier time than the one before it")
        : _rows > 0 && day is { } start && (_first < start || _last >= EventDate.EndOfDay(start))
            ? "it has rows of another date than its folder's"
            : null;
}
