using Lambda.Batch.History.Files;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute.Contents;

/// <summary>Reads a generation from the store and holds it against the sums that were kept when it was published.</summary>
internal sealed class GenerationVerifier(IBatchStore store)
{
    /// <summary>Verifies the generation that serves; of views that it holds as they are declared now.</summary>
    /// <param name="stream">The stream; nothing is to be published or expired meanwhile.</param>
    /// <param name="current">The generation; null when nothing was published.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public async Task<VerifiedGeneration> RunAsync(StreamDefinition stream, GenerationInfo? current, CancellationToken cancellationToken)
    {
        if (current is null)
        {
            return new VerifiedGeneration(null, VerifyOutcome.NothingPublished, 0, []);
        }

        GenerationBasis? basis = await store.ReadBasisAsync(stream.Name, current.Generation, cancellationToken).ConfigureAwait(false);
        if (GenerationContents.Of(basis) is not { } published)
        {
            return new VerifiedGeneration(current.Generation, VerifyOutcome.NotKnown, 0, []);
        }

        long partials = 0;
        List<ContentDamage> damages = [];
        foreach (PartialLayout view in stream.Views.Select(view => view.Layout).Where(current.Holds))
        {
            GenerationContents found = new();
            foreach (PartialKind kind in Enum.GetValues<PartialKind>())
            {
                await foreach (PartialBatch batch in store.ReadGenerationAsync(view, current.Generation, kind, WindowRange.All, KeyPiece.All, cancellationToken).ConfigureAwait(false))
                {
                    partials += batch.Count;
                    found.Add(kind, batch);
                }
            }

            damages.AddRange(published.Differences(found, view).Select(days => new ContentDamage(
                view.View, EventDate.StartOf(days.First), EventDate.StartOf(days.End), days.One, days.Other)));
        }

        return new VerifiedGeneration(current.Generation, damages.Count == 0 ? VerifyOutcome.AsPublished : VerifyOutcome.Damaged, partials, damages);
    }
}
