namespace Lambda.Windows;

/// <summary>
/// Windows of the civil calendar of a time zone, each of which begins with the first instant at which the clock on the wall shows its first day, at a
/// time of day, or anything later. So windows neither overlap nor leave gaps, whatever the clock does: a day can have 23 or 25 hours; one that the
/// zone skipped has no window; minutes that the clock shows again after it went back over midnight stay with the day that has begun.
/// </summary>
internal sealed class CivilSlicing(TimeZoneInfo zone, CivilPeriod period, TimeOnly startsAt) : ISlicing
{
    private const long Day = 86_400_000_000;

    /// <summary>Days from 0001-01-01 to 1970-01-01.</summary>
    private const int EpochDay = 719_162;

    /// <summary>A power of two, of windows to remember: for years of days, or centuries of months.</summary>
    private const int Remembered = 1024;

    private readonly CivilClock _clock = new(zone);
    private readonly long _startsAt = startsAt.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>By the last bits of their number, windows found before. Threads may overwrite each other's; each finds again what it lacks.</summary>
    private readonly Known?[] _known = new Known?[Remembered];

    public bool HasGaps => false;

    public long Reach => 0;

    public SqlWindows Sql { get; } = new(SqlWindowRule.Slice);

    public void AssignSlices(ReadOnlySpan<long> eventTimes, Span<long> sliceStarts)
    {
        // Events mostly come in order of time, so that most fall into the window of the one before them.
        TimeWindow window = default;
        for (int i = 0; i < eventTimes.Length; i++)
        {
            long time = eventTimes[i];
            if (time < window.Start || time >= window.End)
            {
                window = WindowOf(time);
            }

            sliceStarts[i] = window.Start;
        }
    }

    public long SliceEnd(long sliceStart) => WindowOf(sliceStart).End;

    public int WindowCount(long sliceStart) => 1;

    public TimeWindow WindowAt(long sliceStart, int position) => WindowOf(sliceStart);

    public TimeWindow SlicesOf(TimeWindow range)
    {
        const long Far = long.MaxValue / 2;
        return new TimeWindow(
            range.Start < -Far ? long.MinValue : WindowOf(range.Start).Start,
            range.End > Far ? long.MaxValue : WindowOf(range.End - 1).End);
    }

    private TimeWindow WindowOf(long time)
    {
        // What the clock shows is a guess: after it went back over midnight, it shows a day that is over.
        long day = Math.DivRem(_clock.Show(time) - _startsAt, Day, out long rest);
        int number = period.NumberOf((int)(rest < 0 ? day - 1 : day) + EpochDay);
        while (true)
        {
            TimeWindow window = Window(number);
            if (time < window.Start)
            {
                number--;
            }
            else if (time >= window.End)
            {
                number++;
            }
            else
            {
                return window;
            }
        }
    }

    private TimeWindow Window(int number)
    {
        ref Known? place = ref _known[number & (Remembered - 1)];
        Known? known = Volatile.Read(ref place);
        if (known?.Number != number)
        {
            known = new Known(number, new TimeWindow(StartOf(number), StartOf(number + 1)));
            Volatile.Write(ref place, known);
        }

        return known.Window;
    }

    private long StartOf(int number) => _clock.FirstAt(((period.FirstDayOf(number) - EpochDay) * Day) + _startsAt);

    private sealed record Known(int Number, TimeWindow Window);
}
