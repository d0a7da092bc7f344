namespace Lambda.Architecture.Tests;

/// <summary>Who may know whom among the projects under <c>src</c>.</summary>
internal static class Layers
{
    public static IReadOnlyDictionary<string, string[]> MayKnow { get; } = new Dictionary<string, string[]>
    {
        ["Shared"] = [],
        ["Speed"] = ["Shared"],
        ["Batch"] = ["Shared"],
        ["Serving"] = ["Shared"],
        ["Testing"] = ["Shared"],
        ["Host"] = ["Shared", "Speed", "Batch", "Serving"],
    };

    public static IEnumerable<string> Names => MayKnow.Keys.Order();

    public static IEnumerable<string> Forbidden(string layer, IEnumerable<string> known) =>
        known.Except(MayKnow[layer]).Select(other => $"{layer} must not know {other}.");

    public static string AssemblyPath(string layer) => Path.Combine(AppContext.BaseDirectory, $"Lambda.{layer}.dll");
}
