using System.Diagnostics.CodeAnalysis;

namespace Lambda.Expressions;

/// <summary>What happens when an expression looks into an object or array that the event does not have.</summary>
internal static class NullMembers
{
    /// <summary>Fails the event.</summary>
    [DoesNotReturn]
    public static T Fail<T>(string path) => throw Error(path);

    /// <summary>How the event failed.</summary>
    public static InvalidOperationException Error(string path) => new(
        $"Member '{path}' is null, and the expression looks into it. Compare it with null first: e.Member == null ? … : e.Member.Part.");
}
