namespace Lambda.Windows;

/// <summary>How the events of a view are cut into windows. Made by the factories of this namespace, such as <see cref="Tumbling"/>.</summary>
public abstract class WindowSpec
{
    private protected WindowSpec()
    {
    }

    /// <summary>Names the form and its parameters in a stable way; part of a view's definition hash.</summary>
    internal abstract string Signature { get; }

    /// <summary>How the windows are stored and composed.</summary>
    internal abstract ISlicing Slicing { get; }

    /// <inheritdoc/>
    public override string ToString() => Signature;
}
