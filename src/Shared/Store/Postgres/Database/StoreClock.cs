using Lambda.Time;

namespace Lambda.Store.Postgres.Database;

/// <summary>
/// Whose clock the store goes by. Several machines share the store, so it is the database's: a lease then runs out for all at the same instant. Only a
/// clock that is set by hand takes its place.
/// </summary>
internal sealed class StoreClock(TimeProvider time)
{
    /// <summary>The present instant in UTC microseconds as SQL, where <c>@now</c> is bound to <see cref="Given"/>.</summary>
    public const string Sql = "coalesce(@now, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)";

    /// <summary>The instant by the clock that was set by hand, in UTC microseconds; null where the database's counts.</summary>
    public long? Given => ReferenceEquals(time, TimeProvider.System) ? null : time.Now();
}
