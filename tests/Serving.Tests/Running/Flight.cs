namespace Lambda.Serving.Tests.Running;

/// <summary>The event of the tests: every type of value an answer can hold.</summary>
public sealed record Flight(
    int Id, DateTime Date, string? Origin, long Delay, double Distance, decimal Fare, bool Cancelled, int Status, DateTime? From);
