using Lambda.Views.Keys;
using Lambda.Views.Partials;

namespace Lambda.Views.Composing;

/// <summary>What identifies a window within its view.</summary>
/// <param name="Key">The group key.</param>
/// <param name="Start">Where the window begins, in UTC microseconds.</param>
/// <param name="First">The position of its first event, for windows of a count of events, of which two may begin at the same instant.</param>
internal readonly record struct WindowAddress(GroupKey Key, long Start, EventPosition? First) : IComparable<WindowAddress>
{
    /// <summary>By start, then key, then position.</summary>
    public int CompareTo(WindowAddress other)
    {
        int order = Start.CompareTo(other.Start);
        order = order != 0 ? order : Key.CompareTo(other.Key);
        return order != 0 ? order : Nullable.Compare(First, other.First);
    }
}
