namespace Lambda.Health;

/// <summary>Whether something does its job.</summary>
internal enum HealthState
{
    /// <summary>It does.</summary>
    Ready,

    /// <summary>It does, and something went wrong that a person should look at.</summary>
    Degraded,

    /// <summary>It does not, or not yet.</summary>
    NotReady,
}

/// <summary>How a part of the process is.</summary>
/// <param name="State">The worst of the part itself and of its items.</param>
/// <param name="Reason">Why it is not ready, in a sentence; null when it is, or when the items say why.</param>
/// <param name="Items">What it consists of, such as partitions; empty when it is one thing.</param>
internal sealed record PartHealth(HealthState State, string? Reason, IReadOnlyList<ItemHealth> Items)
{
    /// <summary>A part that does its job.</summary>
    public static readonly PartHealth Ready = new(HealthState.Ready, null, []);

    /// <summary>A part that does not do its job.</summary>
    public static PartHealth NotReady(string reason) => new(HealthState.NotReady, reason, []);

    /// <summary>A part that is as good as the worst of its items.</summary>
    public static PartHealth Of(IReadOnlyList<ItemHealth> items) =>
        new(items.Count == 0 ? HealthState.Ready : items.Max(item => item.State), null, items);
}

/// <summary>How an item of a part is.</summary>
/// <param name="Name">Its name, such as <c>orders/3</c> for a partition of a stream.</param>
/// <param name="State">Whether it does its job.</param>
/// <param name="Reason">Why it is not ready or degraded, in a sentence; null when it is ready.</param>
internal sealed record ItemHealth(string Name, HealthState State, string? Reason);
