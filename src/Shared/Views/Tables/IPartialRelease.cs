using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Views.Tables;

/// <summary>Says what becomes of partials that leave a table while events are still to come.</summary>
internal interface IPartialRelease
{
    /// <summary>The batch that takes a partial which events of the instants in <paramref name="reach"/> could change; null when it stays.</summary>
    PartialBatch? DestinationOf(TimeWindow reach);
}
