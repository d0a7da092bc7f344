using System.Globalization;
using Lambda.EndToEnd.Tests.Running;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>What a process measures of itself.</summary>
internal static class Figures
{
    /// <summary>How many partitions a process computes by its own word.</summary>
    public static Task<double> OwnedAsync(Api process) => SumAsync(process, "lambda_speed_partitions", "running");

    /// <summary>The sum of a figure of a process over those of its lines that have a tag's value.</summary>
    public static async Task<double> SumAsync(Api process, string name, string tag)
    {
        string figures = await process.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        return figures.Split('\n')
            .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && line.Contains($"\"{tag}\"", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));
    }
}
