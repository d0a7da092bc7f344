namespace Lambda.CaptureCrasher;

/// <summary>The event: run and number.</summary>
internal sealed record Numbered(string Id);
