using System.Globalization;

namespace Lambda.EndToEnd.Tests.Running;

/// <summary>What the environment says of tests in which things happen at random: more of them in long runs, or those that failed before once more.</summary>
internal static class ChaosVariables
{
    public const string FaultsName = "LAMBDA_CHAOS_FAULTS";
    public const string SeedName = "LAMBDA_CHAOS_SEED";

    /// <summary>How many faults; null for as many as a test has usually.</summary>
    public static int? Faults => Number(FaultsName);

    /// <summary>What the faults are drawn by; null for another one each time.</summary>
    public static int? Seed => Number(SeedName);

    private static int? Number(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : null;
}
