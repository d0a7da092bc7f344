using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Lambda.Hosting.Commands;

/// <summary>The usual help, then examples and exit codes.</summary>
internal sealed class HelpWithExamples(RootCommand root, HelpAction usual, CommandContext context) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        usual.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        Command command = parseResult.CommandResult.Command;
        if (context.Examples.TryGetValue(command, out IReadOnlyList<string>? examples))
        {
            Write(output, "Examples", examples.Select(example => $"{RootCommand.ExecutableName} {example}".TrimEnd()));
        }

        if (command == root)
        {
            Write(output, "Views", context.Application.Catalog.Views.Select(view => $"{view.Name} (over stream {view.Stream})"));
            Write(output, "Exit codes", ExitCodes.All.Select(code => $"{code.Code,3}  {code.Meaning}"));
            Write(output, "Settings", ["Section \"Lambda\" of appsettings.json, or environment variables such as LAMBDA_RecomputeSchedule=\"0 * * * *\"."]);
        }

        return ExitCodes.Ok;
    }

    private static void Write(TextWriter output, string heading, IEnumerable<string> lines)
    {
        output.WriteLine($"{heading}:");
        foreach (string line in lines)
        {
            output.WriteLine($"  {line}");
        }

        output.WriteLine();
    }
}
