namespace Lambda.Serving.Tests.Capture.Support;

/// <summary>A folder of its own for a test.</summary>
internal sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("lambda-capture-").FullName;

    /// <summary>The spill files in it, in order.</summary>
    public IReadOnlyList<string> Segments => [.. Directory.EnumerateFiles(Path, "*.spill").Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
