using System.CommandLine;
using Lambda.Hosting.Client;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Settings;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>Runs the batch layer.</summary>
internal sealed class BatchCommand(CommandContext context)
{
    private readonly Option<string?> _stream = new("--stream", "-s")
    {
        Description = "The stream whose views are recomputed. All of them when it is left out.",
        HelpName = "STREAM",
    };

    public Command Create()
    {
        Command run = new("run",
            "Recomputes the views of a stream from its history, audits the result and publishes it. When the audit blocks it, what was served before stays and "
            + "the exit code is 3.");
        run.Options.Add(_stream);
        run.SetAction(RunAsync);
        Command command = new("batch", "Runs the batch layer.");
        command.Subcommands.Add(run);
        context.AddExamples(command, "batch run");
        context.AddExamples(run, "batch run", $"batch run --stream {context.Application.Catalog.Streams[0].Name}");
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        IReadOnlyList<StreamDefinition> streams =
            parsed.GetValue(_stream) is { } name ? [context.FindStream(name)] : context.Application.Catalog.Streams;
        HostSettings settings = context.Settings(parsed);

        // Over shared storage the speed layer is other processes' work.
        HostSettings work = settings.IsShared ? settings with { Layers = Layers.Batch } : settings;
        Session session = await context.OpenAsync(parsed, work, PlatformRole.Work, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            int exitCode = ExitCodes.Ok;
            foreach (StreamDefinition stream in streams)
            {
                if (session.Own is not null && !settings.IsShared)
                {
                    await CatchUp.RunAsync(session.Own, stream, context.Terminal, cancellationToken).ConfigureAwait(false);
                }

                int result = await BatchRun.RunAsync(session.Api, stream.Name, context.Terminal, cancellationToken).ConfigureAwait(false);
                exitCode = exitCode == ExitCodes.Ok ? result : exitCode;
            }

            return exitCode;
        }
    }
}
