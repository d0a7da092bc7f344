using Xunit;

namespace Lambda.Architecture.Tests;

internal static class Findings
{
    /// <summary>Fails with every finding in full; <c>Assert.Empty</c> would cut each short.</summary>
    public static void MustBeNone(IEnumerable<string> findings)
    {
        var all = findings.ToList();
        Assert.True(all.Count == 0, string.Join(Environment.NewLine, all));
    }
}
