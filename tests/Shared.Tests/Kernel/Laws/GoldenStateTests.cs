using System.Text.Encodings.Web;
using System.Text.Json;
using Xunit;

namespace Lambda.Tests.Kernel.Laws;

/// <summary>
/// States as earlier builds have stored them, in <c>Golden/states.json</c>, with the results that they had. A failure here means that stores and
/// generations out there can no longer be read, or say something else: make a new version of the encoding instead, and keep the old one readable.
/// </summary>
/// <remarks>
/// After adding an aggregator, run the tests once with <c>LAMBDA_WRITE_GOLDEN</c> set to the folder of the file in the sources. That adds the examples
/// that are missing; it never changes one that is there.
/// </remarks>
public sealed class GoldenStateTests
{
    private const string Switch = "LAMBDA_WRITE_GOLDEN";
    private const string FileName = "states.json";

    private static readonly JsonSerializerOptions Format =
        new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Names => [.. AggregatorCases.All.Select(aggregator => aggregator.Name).Distinct()];

    private static Dictionary<string, StoredState[]> Golden { get; } = Load();

    [Theory]
    [MemberData(nameof(Names))]
    public void States_of_earlier_builds_stay_readable(string name)
    {
        Assert.True(Golden.ContainsKey(name), $"There are no examples of {name}. Write them with {Switch}.");
        AggregatorCase aggregator = AggregatorCases.All.First(aggregator => aggregator.Name == name);
        Assert.All(Golden[name], stored => Assert.Equal(stored.Result, aggregator.ResultOf(stored)));
    }

    private static Dictionary<string, StoredState[]> Load() => Environment.GetEnvironmentVariable(Switch) is { Length: > 0 } folder
        ? AddMissing(Path.Combine(folder, FileName))
        : Read(Path.Combine(AppContext.BaseDirectory, "Kernel", "Laws", "Golden", FileName));

    private static Dictionary<string, StoredState[]> AddMissing(string path)
    {
        Dictionary<string, StoredState[]> golden = Read(path);
        foreach (AggregatorCase aggregator in AggregatorCases.All)
        {
            golden.TryAdd(aggregator.Name, [.. aggregator.States()]);
        }

        SortedDictionary<string, StoredState[]> sorted = new(golden, StringComparer.Ordinal);
        File.WriteAllText(path, JsonSerializer.Serialize(sorted, Format) + "\n");
        return golden;
    }

    private static Dictionary<string, StoredState[]> Read(string path) =>
        JsonSerializer.Deserialize<Dictionary<string, StoredState[]>>(File.ReadAllText(path), Format)!;
}
