using Lambda.Windows;

namespace Lambda.Views.Composing;

/// <summary>The rule by which partials make up windows; one for each form of windows.</summary>
internal abstract class WindowFold
{
    /// <summary>The rule of a form of windows.</summary>
    public static WindowFold Of(ViewDefinition view) => view.Window switch
    {
        SlicedWindows windows => new SliceFold(windows.Slicing),
        SessionWindows => new SessionFold(),
        CountWindows windows => new CountFold(windows),
        _ => throw new DefinitionException($"View '{view.Name}': no windows are composed for {view.Window}."),
    };

    /// <summary>Assigns every partial to its windows.</summary>
    public abstract void Fold(PartialRows partials, FoldedWindows windows);
}
