using System.CommandLine.Parsing;

namespace Lambda.Hosting.Commands;

/// <summary>Walks the tree of commands.</summary>
internal static class CommandResults
{
    /// <summary>The commands that were named, the outermost first.</summary>
    public static IEnumerable<CommandResult> AndParents(this CommandResult result) =>
        (result.Parent is CommandResult parent ? parent.AndParents() : []).Append(result);
}
