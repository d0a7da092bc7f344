namespace Lambda.Serving.Answers;

/// <summary>A view as declared.</summary>
/// <param name="View">Its name.</param>
/// <param name="Version">The hash of its definition.</param>
/// <param name="Stream">The stream it is over.</param>
/// <param name="Keys">The parts of its key.</param>
/// <param name="Aggregates">What is computed.</param>
/// <param name="Window">How events are cut into windows.</param>
/// <param name="AllowedLateness">How long after its end a window still takes events in the speed layer, as an ISO 8601 duration.</param>
internal sealed record ViewDescription(
    string View,
    string Version,
    string Stream,
    IReadOnlyList<KeyDescription> Keys,
    IReadOnlyList<AggregateDescription> Aggregates,
    WindowDescription Window,
    string AllowedLateness);

/// <summary>A part of a group key.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What it is: string, boolean, int32, int64 or timestamp.</param>
/// <param name="Nullable">Whether it may be null.</param>
internal sealed record KeyDescription(string Name, string Type, bool Nullable);

/// <summary>An aggregate.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Function">What is computed, for example <c>sum(int64)</c>.</param>
/// <param name="Over">The expression it is computed over; null when it counts rows.</param>
internal sealed record AggregateDescription(string Name, string Function, string? Over);

/// <summary>How events are cut into windows.</summary>
/// <param name="Form">The form, for example <c>tumbling</c>.</param>
/// <param name="Size">How long a window is, as an ISO 8601 duration.</param>
/// <param name="Definition">The form with all its parameters.</param>
internal sealed record WindowDescription(string Form, string Size, string Definition);
