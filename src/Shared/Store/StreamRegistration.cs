using Lambda.Views;

namespace Lambda.Store;

/// <summary>What a store must know of a stream.</summary>
/// <param name="Stream">The stream's name.</param>
/// <param name="Partitions">Its number of partitions.</param>
/// <param name="Views">The layouts of the views declared now.</param>
internal sealed record StreamRegistration(string Stream, int Partitions, IReadOnlyList<PartialLayout> Views);
