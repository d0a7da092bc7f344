using System.Globalization;

namespace Lambda.EndToEnd.Tests.Properties;

/// <summary>For how long worlds of new seeds are tried one after the other; the first one lives to its end however long that takes.</summary>
internal static class WorldBudget
{
    private const string Variable = "LAMBDA_TESTS_WORLD_SECONDS";
    private const int UsualSeconds = 2;

    public static TimeSpan Time { get; } = TimeSpan.FromSeconds(
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : UsualSeconds);
}
