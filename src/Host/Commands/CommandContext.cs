using System.CommandLine;
using Lambda.Hosting.Client;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Output;
using Lambda.Hosting.Settings;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>What all commands share.</summary>
internal sealed class CommandContext
{
    private readonly Dictionary<Command, IReadOnlyList<string>> _examples = [];

    public CommandContext(Application application, Terminal terminal)
    {
        Application = application;
        Terminal = terminal;
        DataOption = new Option<string?>("--data")
        {
            Description = $"The folder that holds all data. Usually '{application.Name}' in 'lambda' under the user's local application data.",
            HelpName = "DIR",
            Recursive = true,
        };
        ServerOption = new Option<string?>("--server")
        {
            Description = "A running server to ask, such as http://127.0.0.1:8080. Not needed for one on this machine that has its data in the same folder.",
            HelpName = "URL",
            Recursive = true,
        };
    }

    public Application Application { get; }

    public Terminal Terminal { get; }

    /// <summary>Where the data are.</summary>
    public Option<string?> DataOption { get; }

    /// <summary>The server to ask.</summary>
    public Option<string?> ServerOption { get; }

    /// <summary>Examples by command, for its help.</summary>
    public IReadOnlyDictionary<Command, IReadOnlyList<string>> Examples => _examples;

    /// <summary>Adds examples to a command's help, without the program's name.</summary>
    public void AddExamples(Command command, params string[] examples) => _examples.Add(command, examples);

    /// <summary>A view to show in examples.</summary>
    public string ExampleView => Application.Catalog.Views.FirstOrDefault()?.Name ?? "VIEW";

    /// <summary>The settings.</summary>
    /// <exception cref="CommandException">One is wrong.</exception>
    public HostSettings Settings(ParseResult parsed, string? urls = null, string? layers = null) => HostSettings.Read(Application, new GivenSettings
    {
        Data = parsed.GetValue(DataOption),
        Server = parsed.GetValue(ServerOption),
        Urls = urls,
        Layers = layers,
    });

    /// <summary>Whether a folder is the one that is used when none is named.</summary>
    public bool IsDefaultFolder(DataFolder folder) => folder.Root == Path.GetFullPath(HostSettings.Read(Application, new GivenSettings()).DataFolder);

    /// <summary>Opens the data for a command that asks.</summary>
    public Task<Session> OpenAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        OpenAsync(parsed, Settings(parsed), PlatformRole.Read, cancellationToken);

    /// <summary>Opens the data for a command that has the batch layer do something. Over shared storage the speed layer is other processes' work.</summary>
    public Task<Session> OpenForBatchAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        HostSettings settings = Settings(parsed);
        return OpenAsync(parsed, settings.IsShared ? settings with { Layers = Layers.Batch } : settings, PlatformRole.Work, cancellationToken);
    }

    /// <summary>Opens the data for a command.</summary>
    public Task<Session> OpenAsync(ParseResult parsed, HostSettings settings, PlatformRole role, CancellationToken cancellationToken) =>
        Session.OpenAsync(Application, settings, role, parsed.CommandResult.Command.Name, cancellationToken);

    /// <summary>The view of that name.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public ViewDefinition FindView(string name) => Application.Catalog.FindView(name) ?? throw new CommandException(
        Application.Catalog.Views.Any()
            ? $"There is no view '{name}'. The views are: {string.Join(", ", Application.Catalog.Views.Select(view => view.Name))}."
            : $"There is no view '{name}', and the application declares none.",
        ExitCodes.WrongUsage);

    /// <summary>The stream that an option names, or the only one when none is named.</summary>
    /// <exception cref="CommandException">There is none, or it has to be named.</exception>
    public StreamDefinition FindStream(ParseResult parsed, Option<string?> option) => FindStream(parsed.GetValue(option), $"with {option.Name}");

    /// <summary>The stream that an argument names, or the only one when none is named.</summary>
    /// <exception cref="CommandException">There is none, or it has to be named.</exception>
    public StreamDefinition FindStream(ParseResult parsed, Argument<string?> argument) =>
        FindStream(parsed.GetValue(argument), $"behind '{parsed.CommandResult.Command.Name}'");

    /// <summary>The stream of that name.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public StreamDefinition FindStream(string name) => Application.Catalog.FindStream(name)
        ?? throw new CommandException($"There is no stream '{name}'. The streams are: {StreamNames}.", ExitCodes.WrongUsage);

    private string StreamNames => string.Join(", ", Application.Catalog.Streams.Select(stream => stream.Name));

    private StreamDefinition FindStream(string? name, string how) => name is not null ? FindStream(name)
        : Application.Catalog.Streams.Count == 1 ? Application.Catalog.Streams[0]
        : throw new CommandException($"Say which stream {how}. The streams are: {StreamNames}.", ExitCodes.WrongUsage);
}
