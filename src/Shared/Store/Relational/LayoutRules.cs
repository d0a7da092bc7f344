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
        + "they are used.");

    /// <summary>Says that a stream has another number of partitions.</summary>
    public static ViewStoreException OtherPartitions(string stream, int known, int given) => new(
        $"Stream '{stream}' has {known} partitions in the store and {given} in its registration. Partitions of a "
        + "stream cannot be added or removed: keep their number, or use another store.");

    /// <summary>Says that a view has no such part of a key.</summary>
    public static ViewStoreException NoSuchKeyPart(PartialLayout view, int part) =>
        new($"View '{view.View}' has {view.Keys.Count} key parts; part {part} was asked for.");
}
