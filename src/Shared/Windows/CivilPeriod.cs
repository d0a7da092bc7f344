namespace Lambda.Windows;

/// <summary>How the civil calendar is cut into runs of whole days. Runs are numbered, and follow one another without gaps.</summary>
internal abstract class CivilPeriod
{
    /// <summary>How long a run is, as an ISO 8601 duration.</summary>
    public abstract string Size { get; }

    /// <summary>The number of the run that holds a day.</summary>
    /// <param name="day">Days since 0001-01-01, a Monday. A zone can be a day before the first or after the last date that there is in UTC.</param>
    public abstract int NumberOf(int day);

    /// <summary>The first day of a run.</summary>
    public abstract int FirstDayOf(int number);
}

/// <summary>Runs of so many days.</summary>
/// <param name="length">How many.</param>
/// <param name="first">The first day of a run.</param>
internal sealed class CivilDays(int length, int first) : CivilPeriod
{
    public override string Size => $"P{length}D";

    public override int NumberOf(int day)
    {
        int number = Math.DivRem(day - first, length, out int rest);
        return rest < 0 ? number - 1 : number;
    }

    public override int FirstDayOf(int number) => first + (number * length);
}

/// <summary>Runs of so many months of the Gregorian calendar; the first begins with a January.</summary>
/// <param name="length">How many, a divisor of twelve, or twelve.</param>
internal sealed class CivilMonths(int length) : CivilPeriod
{
    // The calendar repeats itself after 400 years. So dates before year 1 and after year 9999, which DateOnly has not, are read there.
    private const int CycleDays = 146_097;
    private const int CycleMonths = 4800;
    private const int LastMonth = (9999 * 12) - 1;

    public override string Size => length == 12 ? "P1Y" : $"P{length}M";

    public override int NumberOf(int day)
    {
        int cycles = day < 0 ? 1 : day > DateOnly.MaxValue.DayNumber ? -1 : 0;
        DateOnly date = DateOnly.FromDayNumber(day + (cycles * CycleDays));
        int month = ((date.Year - 1) * 12) + date.Month - 1;
        return (month / length) - (cycles * (CycleMonths / length));
    }

    public override int FirstDayOf(int number)
    {
        int month = number * length;
        int cycles = month < 0 ? 1 : month > LastMonth ? -1 : 0;
        int inside = month + (cycles * CycleMonths);
        return new DateOnly((inside / 12) + 1, (inside % 12) + 1, 1).DayNumber - (cycles * CycleDays);
    }
}
