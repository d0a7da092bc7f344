using Lambda.Views;

namespace Lambda.Store.Relational;

/// <summary>What registrations must satisfy.</summary>
internal static class LayoutRules
{
    /// <summary>Requires that a version has the columns that the store made for it.</summary>
    /// <exception cref="ViewStoreException">It has others.</exception>
    public static void RequireSame(PartialLayout known, PartialLayout given)
    {
        if (!ReferenceEquals(known, given)
            && !(known.Keys.SequenceEqual(given.Keys) && known.States.SequenceEqual(given.States) && known.Addressing == given.Addressing))
        {
            throw new ViewStoreException(
                $"Version {given.Version} of view '{given.View}' of stream '{given.Stream}' has other columns in the store than those given. "
                + "A definition with other columns must have another version.");
        }
    }

    /// <summary>Says that a version is not known.</summary>
    public static ViewStoreException NotRegistered(string stream, string view, string version) => new(
        $"Version {version} of view '{view}' of stream '{stream}' is not registered in the store. Register the stream's views before "
        + "they are used, as a process that runs a layer does when it begins.");

    /// <summary>Says that a stream has fewer partitions than were computed.</summary>
    public static ViewStoreException FewerPartitions(string stream, int known, int given) => new(
        $"Stream '{stream}' has {known} partitions in the store and {given} in its log. A log loses no partitions, so it was made anew, or is another one: bring the "
        + "old one back, or use another store.");

    /// <summary>Says that a stream is not known.</summary>
    public static ViewStoreException UnknownStream(string stream) => new(
        $"The store does not know stream '{stream}'. Register it before it is used, as a process that runs a layer does when it begins.");

    /// <summary>Requires that partitions of every edition can have numbers of their own.</summary>
    /// <exception cref="ViewStoreException">There are too many.</exception>
    public static void RequireNumbers(string stream, int partitions)
    {
        if (partitions > EditionLane.Width)
        {
            throw new ViewStoreException($"Stream '{stream}' has {partitions} partitions, and can have at most {EditionLane.Width}.");
        }
    }

    /// <summary>Says that a stream's positions are those of another log.</summary>
    public static ViewStoreException OtherLog(string stream, Guid known, Guid? given) => new(
        $"Stream '{stream}' was computed from another log than this process has: the store knows log {known}, and "
        + (given is { } log ? $"the one in this data folder is {log}" : "this one is not in a data folder")
        + ". Two data folders over one store would each skip what the other has read. Start with the data folder that was used before, or keep this one's results "
        + "apart by a schema of its own (Postgres:Schema).");

    /// <summary>Says that a view has no such part of a key.</summary>
    public static ViewStoreException NoSuchKeyPart(PartialLayout view, int part) =>
        new($"View '{view.View}' has {view.Keys.Count} key parts; part {part} was asked for.");
}
