using Lambda.Events;
using Lambda.Views;

namespace Lambda.Definition;

/// <summary>A view's declaration with its event type put away.</summary>
internal interface IViewBuilder
{
    /// <summary>Makes the definition.</summary>
    /// <param name="time">How time works in the stream, in canonical form: it decides which windows events go to.</param>
    /// <param name="partitionKey">The member whose value chooses the partition; null when the whole record does.</param>
    /// <exception cref="DefinitionException">Something is missing or contradicts itself.</exception>
    ViewDefinition Build(string time, EventMember? partitionKey);
}
