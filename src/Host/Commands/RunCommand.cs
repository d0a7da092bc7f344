using System.CommandLine;
using Lambda.Hosting.Client;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Seeding;
using Lambda.Hosting.Settings;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>Runs all layers and serves.</summary>
internal sealed class RunCommand(CommandContext context)
{
    private readonly Option<string?> _urls = new("--urls")
    {
        Description = $"Where to listen, on this machine's loopback interface; {ServerAddress.Default} if not given. Port 0 lets the system choose.",
        HelpName = "URL",
    };

    private readonly Option<bool> _once = new("--once")
    {
        Description = "Take in what is to be taken in, bring both layers up to date, print a summary, and end without serving.",
    };

    public Command Create()
    {
        Command command = new("run",
            "Runs the speed and the batch layer and serves their merged views until Ctrl-C. Files that the application begins with are taken in at the first "
            + "start; later ones go on where the last stopped.");
        AddTo(command);
        context.AddExamples(command, "run", "run --once", "run --urls http://127.0.0.1:9000 --data ./data");
        return command;
    }

    /// <summary>Makes a command do this.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_urls);
        command.Options.Add(_once);
        command.SetAction(RunAsync);
        if (command is RootCommand)
        {
            context.AddExamples(
                command, "", "--once", "ingest events.ndjson", $"query {context.ExampleView} --limit 10", $"compare {context.ExampleView}", "batch run", "status");
        }
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        HostSettings settings = context.Settings(parsed, parsed.GetValue(_urls));
        bool once = parsed.GetValue(_once);
        using DataFolder folder = DataFolder.Open(settings.DataFolder, "run");
        PlatformRole role = once ? PlatformRole.Work : PlatformRole.Serve;
        Platform platform = await Platform.StartAsync(context.Application, settings, folder, role, cancellationToken).ConfigureAwait(false);
        await using (platform.ConfigureAwait(false))
        {
            if (platform.Address is { } address)
            {
                folder.Announce(address);
                context.Terminal.Line($"{context.Application.Name} serves at {address}, with its data in '{folder.Root}'");
            }

            try
            {
                int exitCode = once || context.Application.Seeds.Count > 0
                    ? await BringUpToDateAsync(platform, settings, folder, cancellationToken).ConfigureAwait(false)
                    : ExitCodes.Ok;
                if (once)
                {
                    return exitCode;
                }

                await WaitAsync(platform, cancellationToken).ConfigureAwait(false);
                return exitCode;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !once)
            {
                // To be stopped is how a server ends.
                context.Terminal.Line("Stopped. The next start goes on from here.");
                return ExitCodes.Ok;
            }
        }
    }

    private async Task<int> BringUpToDateAsync(Platform platform, HostSettings settings, DataFolder folder, CancellationToken cancellationToken)
    {
        Seeder seeder = new(context.Application.Catalog, settings, folder, context.Terminal);
        await seeder.RunAsync(context.Application.Seeds, platform, cancellationToken).ConfigureAwait(false);
        using ApiClient api = new(platform.CreateClient());
        Summary summary = new(context, api, platform, folder);
        int exitCode = ExitCodes.Ok;
        foreach (StreamDefinition stream in context.Application.Catalog.Streams)
        {
            await CatchUp.RunAsync(platform, stream, context.Terminal, cancellationToken).ConfigureAwait(false);
            if (!await summary.IsCoveredAsync(stream, cancellationToken).ConfigureAwait(false))
            {
                int result = await BatchRun.RunAsync(api, stream.Name, context.Terminal, cancellationToken).ConfigureAwait(false);
                exitCode = exitCode == ExitCodes.Ok ? result : exitCode;
            }
        }

        int verdict = await summary.PrintAsync(cancellationToken).ConfigureAwait(false);
        return exitCode == ExitCodes.Ok ? verdict : exitCode;
    }

    private static async Task WaitAsync(Platform platform, CancellationToken cancellationToken)
    {
        using CancellationTokenSource stopped = CancellationTokenSource.CreateLinkedTokenSource(platform.Stopping);
        await Task.Delay(Timeout.Infinite, stopped.Token).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        throw new CommandException("The server stopped because a layer failed; what it said stands above. What was acknowledged is kept: start it again.");
    }
}
