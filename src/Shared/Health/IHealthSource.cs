namespace Lambda.Health;

/// <summary>A part of this process that can say whether it does its job.</summary>
/// <remarks>
/// Who asks sets the time limit and asks one question at a time. An answer may take a look at the log or the store, but changes nothing.
/// </remarks>
internal interface IHealthSource
{
    /// <summary>The name of the part, such as <c>speed</c>.</summary>
    string Part { get; }

    /// <summary>Whether the part does its job now. What it throws counts as a part that is not ready, with the message as the reason.</summary>
    ValueTask<PartHealth> CheckAsync(CancellationToken cancellationToken);
}
