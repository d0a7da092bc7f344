namespace Lambda.Quality;

/// <summary>Which points of a metric's history a new one is compared with.</summary>
public enum Season
{
    /// <summary>All.</summary>
    None,

    /// <summary>Those of the same hour of the day, in UTC.</summary>
    HourOfDay,

    /// <summary>Those of the same day of the week and hour of the day, in UTC.</summary>
    WeekdayAndHour,
}
