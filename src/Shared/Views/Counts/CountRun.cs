using Lambda.Views.Partials;

namespace Lambda.Views.Counts;

/// <summary>Events of one key that follow on one another: one of them, some that nothing to come can part, or all of a window.</summary>
/// <param name="Key">The id of the key.</param>
/// <param name="Time">The event time of the first.</param>
/// <param name="First">The position of the first.</param>
/// <param name="Events">How many they are.</param>
internal readonly record struct CountRun(int Key, long Time, EventPosition First, long Events)
{
    /// <summary>By key, partition and offset.</summary>
    public static int Compare(CountRun a, CountRun b)
    {
        int order = a.Key.CompareTo(b.Key);
        return order != 0 ? order : a.First.CompareTo(b.First);
    }

    /// <summary>Whether another run is of the same key and partition, so that both can be in one window.</summary>
    public bool IsBeside(CountRun other) => Key == other.Key && First.Partition == other.First.Partition;
}
