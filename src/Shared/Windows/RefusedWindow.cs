namespace Lambda.Windows;

/// <summary>Parameters that make no window, and why. Where they are written no view is known; the one that is declared with them says both.</summary>
internal sealed class RefusedWindow : WindowSpec
{
    private RefusedWindow(DefinitionException reason) => Reason = reason;

    /// <summary>Why, and what to write instead.</summary>
    public DefinitionException Reason { get; }

    internal override string Signature => Reason.Message;

    internal override string Form => "refused";

    internal override string Size => "none";

    /// <summary>The window that is made, or what keeps it from being made.</summary>
    public static WindowSpec Unless(Func<WindowSpec> make)
    {
        try
        {
            return make();
        }
        catch (DefinitionException reason)
        {
            return new RefusedWindow(reason);
        }
    }

    internal override bool IsComplete(TimeWindow window, long events, long watermark) => false;
}
