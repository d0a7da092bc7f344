using Lambda.Views.Partials;

namespace Lambda.Store;

/// <summary>Partials that a generation has carried over, and others that take their place.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Touched">What is looked for, as <see cref="IBatchStore.TakeCarriedAsync"/> does.</param>
/// <param name="Replace">Tells what is written in the place of what was taken out. Called again where the store has to try again.</param>
internal sealed record CarriedExchange(PartialKind Kind, PartialBatch Touched, Func<PartialBatch, PartialBatch> Replace);
