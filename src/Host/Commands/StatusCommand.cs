using System.CommandLine;
using System.Text.Json;
using Lambda.Hosting.Client;
using Lambda.Hosting.Output;

namespace Lambda.Hosting.Commands;

/// <summary>Shows where all streams stand.</summary>
internal sealed class StatusCommand(CommandContext context)
{
    private const string Table = "table";

    private readonly Option<string> _format = new("--format", "-f")
    {
        Description = "How to print the answer: table (usual) or json.",
        HelpName = "FORMAT",
        DefaultValueFactory = _ => Table,
    };

    public Command Create()
    {
        _format.AcceptOnlyFromAmong(Table, "json");
        Command command = new("status", "Shows where all streams stand: events, lag, generation, quarantine, the last audit.");
        command.Options.Add(_format);
        command.SetAction(RunAsync);
        context.AddExamples(command, "status", "status --format json");
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        Session session = await context.OpenAsync(parsed, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            JsonElement answer = await session.Api.GetAsync(ApiPaths.Streams, cancellationToken).ConfigureAwait(false);
            if (parsed.GetRequiredValue(_format) != Table)
            {
                context.Terminal.Line(answer.GetRawText());
                return ExitCodes.Ok;
            }

            foreach (JsonElement stream in answer.GetProperty("streams").EnumerateArray())
            {
                StreamLines.Print(context.Terminal, stream);
                string name = stream.GetProperty("stream").GetString()!;
                JsonElement audits = await session.Api.GetAsync(ApiPaths.Audits(name, limit: 1), cancellationToken).ConfigureAwait(false);
                StreamLines.PrintAudit(context.Terminal, audits);
            }

            return ExitCodes.Ok;
        }
    }
}
