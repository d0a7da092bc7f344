namespace Lambda.Bench.Fresh;

/// <summary>The way of a marker, from the moment before it was appended.</summary>
/// <param name="Append">Until it was durable.</param>
/// <param name="Asked">Until the query began that showed it first.</param>
/// <param name="Shown">Until the answer of that query was there.</param>
internal readonly record struct Sighting(TimeSpan Append, TimeSpan Asked, TimeSpan Shown);
