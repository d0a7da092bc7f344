using System.CommandLine;
using Lambda.Hosting.Client;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Seeding;
using Lambda.Hosting.Settings;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>Runs layers and serves.</summary>
internal sealed class RunCommand(CommandContext context)
{
    private readonly Option<string?> _urls = new("--urls")
    {
        Description = $"Where to listen; {ServerAddress.Default} if not given. Port 0 lets the system choose. Only this machine's loopback interface, unless there are "
            + $"API keys or the setting {ServerAddress.AllowRemoteSetting} is true.",
        HelpName = "URL",
    };

    private readonly Option<bool> _once = new("--once")
    {
        Description = "Take in what is to be taken in, bring both layers up to date, print a summary, and end without serving.",
    };

    private readonly Option<string?> _layers = new("--layers")
    {
        Description = "What this process runs: one or more of batch, speed and serving, with commas between; all if not given. Needs log and store in Kafka and "
            + "PostgreSQL.",
        HelpName = "LAYERS",
    };

    private readonly Option<string[]> _acceptGap = new("--accept-gap")
    {
        Description = "Go on without what this stream's log has lost up to now before it was computed. Its events count in no window, for good.",
        HelpName = "STREAM",
    };

    public Command Create()
    {
        Command command = new("run",
            "Runs the speed and the batch layer and serves their merged views until Ctrl-C. Files that the application begins with are taken in at the first "
            + "start; later ones go on where the last stopped.");
        AddTo(command);
        context.AddExamples(command, "run", "run --once", "run --urls http://127.0.0.1:9000 --data ./data", "run --layers speed");
        return command;
    }

    /// <summary>Makes a command do this.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_urls);
        command.Options.Add(_once);
        command.Options.Add(_layers);
        command.Options.Add(_acceptGap);
        command.SetAction(RunAsync);
        if (command is RootCommand)
        {
            context.AddExamples(
                command, "", "--once", "ingest events.ndjson", $"query {context.ExampleView} --limit 10", $"compare {context.ExampleView}", "batch run", "status");
        }
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        HostSettings settings = context.Settings(parsed, parsed.GetValue(_urls), parsed.GetValue(_layers));
        bool once = parsed.GetValue(_once);
        PlatformRole role = once ? PlatformRole.Work : PlatformRole.Serve;
        IReadOnlyList<StreamDefinition> gaps = [.. (parsed.GetValue(_acceptGap) ?? []).Select(context.FindStream)];
        MustHaveAllLayers(settings, once);
        using DataFolder? folder = DataFolder.IsNeeded(settings, role) ? DataFolder.Open(settings.DataFolder, "run") : null;
        Platform platform = await Platform.StartAsync(context.Application, settings, folder, role, cancellationToken).ConfigureAwait(false);
        await using (platform.ConfigureAwait(false))
        {
            foreach (StreamDefinition stream in gaps)
            {
                await GapAcceptance.AcceptAsync(platform, stream, context.Terminal, cancellationToken).ConfigureAwait(false);
            }

            Announce(platform, settings, folder);
            try
            {
                int exitCode = await BeginAsync(platform, settings, folder, once, cancellationToken).ConfigureAwait(false);
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

    private static void MustHaveAllLayers(HostSettings settings, bool once)
    {
        if (once && settings.Layers != Layers.All)
        {
            throw new CommandException(
                $"--once brings both layers up to date and says what came of it, which takes all layers and not {LayerNames.Text(settings.Layers)} alone. Leave "
                + "one of --once and --layers out.",
                ExitCodes.WrongUsage);
        }
    }

    private void Announce(Platform platform, HostSettings settings, DataFolder? folder)
    {
        if (platform.Address is not { } address)
        {
            return;
        }

        folder?.Announce(address, platform.LocalKey);
        string data = folder is null ? "" : $", with its data in '{folder.Root}'";
        string log = settings.Kafka is { } kafka ? $", its log in Kafka at {kafka.BootstrapServers}" : "";
        string store = settings.Postgres is { } postgres ? $", its store in schema {postgres.Schema} of PostgreSQL" : "";
        string layers = settings.Layers == Layers.All ? "" : $" ({LayerNames.Text(settings.Layers)})";
        context.Terminal.Line($"{context.Application.Name}{layers} serves at {address}{log}{store}{data}");
    }

    /// <summary>Does what comes before serving. Files to begin with are taken in by a process that keeps a data folder, which says how much of them is.</summary>
    private async Task<int> BeginAsync(
        Platform platform, HostSettings settings, DataFolder? folder, bool once, CancellationToken cancellationToken)
    {
        IReadOnlyList<Seed> seeds = context.Application.Seeds;
        if (folder is null || !(once || seeds.Count > 0))
        {
            return ExitCodes.Ok;
        }

        Seeder seeder = new(context.Application.Catalog, settings, folder, context.Terminal);
        await seeder.RunAsync(seeds, platform, cancellationToken).ConfigureAwait(false);
        return settings.Layers == Layers.All
            ? await BringUpToDateAsync(platform, folder, cancellationToken).ConfigureAwait(false)
            : ExitCodes.Ok;
    }

    private async Task<int> BringUpToDateAsync(Platform platform, DataFolder folder, CancellationToken cancellationToken)
    {
        using ApiClient api = new(platform.CreateClient());
        Summary summary = new(context, api, platform, folder);
        int exitCode = ExitCodes.Ok;
        foreach (StreamDefinition stream in context.Application.Catalog.Streams)
        {
            await CatchUp.RunAsync(platform, stream, context.Terminal, cancellationToken).ConfigureAwait(false);
            if (!await summary.IsCoveredAsync(stream, cancellationToken).ConfigureAwait(false))
            {
                int result = await BatchRun.RunAsync(api, stream.Name, context.Terminal, cancellationToken).ConfigureAwait(false);
                exitCode = ExitCodes.Both(exitCode, result);
            }
        }

        return ExitCodes.Both(exitCode, await summary.PrintAsync(cancellationToken).ConfigureAwait(false));
    }

    private static async Task WaitAsync(Platform platform, CancellationToken cancellationToken)
    {
        using CancellationTokenSource stopped = CancellationTokenSource.CreateLinkedTokenSource(platform.Stopping);
        await Task.Delay(Timeout.Infinite, stopped.Token).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        throw new CommandException("The server stopped because a layer failed; what it said stands above. What was acknowledged is kept: start it again.");
    }
}
