using Lambda.Health;

namespace Lambda.Hosting.Health;

/// <summary>Whether this process does its job.</summary>
/// <param name="Status">The worst of the parts.</param>
/// <param name="Parts">The parts that were asked.</param>
internal sealed record HealthAnswer(HealthState Status, IReadOnlyList<PartAnswer> Parts);

/// <summary>Whether a part of this process does its job.</summary>
/// <param name="Part">Its name.</param>
/// <param name="Status">The worst of the part itself and its items.</param>
/// <param name="Reason">Why it is not ready; null when it is, or when the items say why.</param>
/// <param name="Items">What it consists of.</param>
internal sealed record PartAnswer(string Part, HealthState Status, string? Reason, IReadOnlyList<ItemAnswer> Items);

/// <summary>Whether an item of a part does its job.</summary>
/// <param name="Name">Its name: a stream, or a partition as <c>stream/number</c>.</param>
/// <param name="Status">Whether it does its job.</param>
/// <param name="Reason">Why it is not ready or degraded; null when it is ready.</param>
internal sealed record ItemAnswer(string Name, HealthState Status, string? Reason);
