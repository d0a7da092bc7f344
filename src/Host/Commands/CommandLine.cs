using System.CommandLine;
using System.CommandLine.Help;
using Lambda.Hosting.Output;

namespace Lambda.Hosting.Commands;

/// <summary>The command line of an application.</summary>
internal sealed class CommandLine(Application application)
{
    /// <summary>Does what the arguments ask for.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        using TerminationSignals signals = new(cancellationToken);
        try
        {
            RootCommand root = Create();

            // An argument with @ in front is a value, such as one of a key, and no file with more arguments.
            ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Errors.Count > 0)
            {
                throw new CommandException(
                    $"{string.Join(" ", parsed.Errors.Select(error => error.Message))} '{Path(parsed)} --help' tells what there is.", ExitCodes.WrongUsage);
            }

            InvocationConfiguration invocation = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(invocation, signals.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException interruption) when (signals.Token.IsCancellationRequested)
        {
            string left = interruption is InterruptedException { Message: var message } ? message : "what was done so far stays";
            await ErrorOutput.LineAsync($"interrupted; {left}").ConfigureAwait(false);
            return ExitCodes.Interrupted;
        }
        catch (Exception error)
        {
            (string message, int exitCode) = CommandErrors.Describe(error);
            await ErrorOutput.LineAsync($"error: {message}").ConfigureAwait(false);
            return exitCode;
        }
    }

    private RootCommand Create()
    {
        CommandContext context = new(application, new Terminal(TimeProvider.System));
        RunCommand run = new(context);
        RootCommand root = new(
            $"{application.Name}: events in, fresh and corrected figures out. Without a command it runs, as 'run' does.");
        root.Options.Add(context.DataOption);
        root.Options.Add(context.ServerOption);
        run.AddTo(root);
        Command[] commands =
        [
            run.Create(), new IngestCommand(context).Create(), new BatchCommand(context).Create(), new ReplayCommand(context).Create(), new QueryCommand(context).Create(),
            new CompareCommand(context).Create(), new ComputeCommand(context).Create(), new StatusCommand(context).Create(),
            new QualityCommand(context).Create(), new QuarantineCommand(context).Create(), new HistoryCommand(context).Create(), new AcceptGapCommand(context).Create(),
            new HealthCommand(context).Create(),
            new KeyCommand(context).Create(),
        ];
        foreach (Command command in commands)
        {
            root.Subcommands.Add(command);
        }

        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples(root, (HelpAction)help.Action!, context);
        return root;
    }

    private static string Path(ParseResult parsed) => string.Join(
        " ", parsed.CommandResult.AndParents().Select(result => result.Command is RootCommand ? RootCommand.ExecutableName : result.Command.Name));
}
