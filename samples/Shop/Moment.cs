namespace Shop;

/// <summary>What a handler tells about its request, for the event that is made of it.</summary>
/// <param name="Visitor">Who did it.</param>
/// <param name="Step">What was done.</param>
/// <param name="Stage">How far it took the visitor; 0 when no further.</param>
/// <param name="Product">The product that it is about.</param>
/// <param name="Bought">What was bought.</param>
internal sealed record Moment(string Visitor, Step Step, int Stage, string? Product, IReadOnlyList<CartLine> Bought)
{
    /// <summary>Where it is found in the items of a request.</summary>
    public static readonly object Key = new();
}
