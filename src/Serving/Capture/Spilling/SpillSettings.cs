namespace Lambda.Capture.Spilling;

/// <summary>Where a capture may spill, and how much.</summary>
/// <param name="Folder">A folder of its own.</param>
/// <param name="MaxBytes">How many bytes its files may take.</param>
internal sealed record SpillSettings(string Folder, long MaxBytes);
