namespace Lambda.Windows;

/// <summary>
/// How the events of a view are cut into windows. Made by the factories of this namespace: <see cref="Tumbling"/>, <see cref="Sliding"/>,
/// <see cref="Session"/>, <see cref="Count"/> and <see cref="AllTime"/>. Parameters that make no window are refused by the <c>Window</c> of the view that is declared with them.
/// </summary>
public abstract class WindowSpec
{
    private protected WindowSpec()
    {
    }

    /// <summary>Names the form and its parameters in a stable way; part of a view's definition hash.</summary>
    internal abstract string Signature { get; }

    /// <summary>The form in one lower-case word, such as <c>tumbling</c>.</summary>
    internal abstract string Form { get; }

    /// <summary>How long a window is, in words or as an ISO 8601 duration, such as <c>PT1H</c>.</summary>
    internal abstract string Size { get; }

    /// <summary>Whether no more event is expected in a window that holds <paramref name="events"/> events.</summary>
    internal abstract bool IsComplete(TimeWindow window, long events, long watermark);

    /// <inheritdoc/>
    public override string ToString() => Signature;
}
