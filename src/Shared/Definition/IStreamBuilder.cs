using Lambda.Views;

namespace Lambda.Definition;

/// <summary>A stream's declaration with its event type put away.</summary>
internal interface IStreamBuilder
{
    /// <summary>The stream's name.</summary>
    string Name { get; }

    /// <summary>Makes the definition.</summary>
    /// <exception cref="DefinitionException">Something is missing or contradicts itself.</exception>
    StreamDefinition Build();
}
