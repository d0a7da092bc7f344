namespace Lambda.Testing.Tests;

/// <summary>What the tests' stream is of.</summary>
public sealed record Flight(string Id, DateTimeOffset Date, string Origin, string? Destination, long Delay, Carrier Carrier = Carrier.Other);

/// <summary>An enum, which stands in JSON by name.</summary>
public enum Carrier
{
    Other,
    Northern,
}
