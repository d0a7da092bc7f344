namespace Lambda.Serving.Tests.Capture.Support;

/// <summary>The event of the tests.</summary>
public sealed record Click(string Id, DateTimeOffset Time, string Visitor, string Page, int Status, double Milliseconds);
