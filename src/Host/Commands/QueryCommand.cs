using System.CommandLine;
using Lambda.Hosting.Client;
using Lambda.Hosting.Output;
using Lambda.Serving.Requests;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>Shows windows of a view.</summary>
internal sealed class QueryCommand
{
    private const string Table = "table";
    private const int RowsOfTable = 20;

    private readonly CommandContext _context;
    private readonly ViewOptions _view;
    private readonly Option<string> _layer = new("--layer")
    {
        Description = "Whose answer is wanted: merged (usual), batch or speed.",
        HelpName = "LAYER",
        DefaultValueFactory = _ => "merged",
    };

    private readonly Option<string?> _order = new("--order", "-o")
    {
        Description = "What to order by: aggregates, parts of the key or windowStart, with ',' between them and '-' before those of which the greatest comes first.",
        HelpName = "NAMES",
    };

    private readonly Option<string> _format = new("--format", "-f")
    {
        Description = "How to print the answer: table (usual), json, ndjson or csv.",
        HelpName = "FORMAT",
        DefaultValueFactory = _ => Table,
    };

    public QueryCommand(CommandContext context)
    {
        _context = context;
        _view = new ViewOptions(context);
        _layer.AcceptOnlyFromAmong("merged", "batch", "speed");
        _format.AcceptOnlyFromAmong(Table, "json", "ndjson", "csv");
    }

    public Command Create()
    {
        Command command = new("query", "Shows windows of a view: what the batch layer says, and the speed layer's part since.");
        _view.AddTo(command);
        command.Options.Add(_layer);
        command.Options.Add(_order);
        command.Options.Add(_format);
        command.SetAction(RunAsync);
        ViewDefinition? view = _context.Application.Catalog.Views.FirstOrDefault();
        string aggregate = view?.Aggregates.FirstOrDefault(RowOrder.IsPossible)?.Name ?? "windowStart";
        string key = view?.Keys is [{ Name: var part }, ..] ? $" --key {part}=VALUE" : "";
        _context.AddExamples(
            command,
            $"query {_context.ExampleView} --order -{aggregate} --limit 10",
            $"query {_context.ExampleView}{key} --from 2001-01-01 --to 2001-01-02",
            $"query {_context.ExampleView} --layer speed --format csv > speed.csv");
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        ViewDefinition view = _view.FindView(parsed);
        string format = parsed.GetRequiredValue(_format);
        List<KeyValuePair<string, string>> parameters = _view.Parameters(parsed, view, format == Table ? RowsOfTable : null);
        ViewOptions.Add(parameters, "layer", parsed.GetRequiredValue(_layer));
        ViewOptions.Add(parameters, "order", parsed.GetValue(_order));
        ViewOptions.Add(parameters, "format", format == Table ? "json" : format);
        string path = ApiPaths.View(view.Name, parameters);
        Session session = await _context.OpenAsync(parsed, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            if (format == Table)
            {
                ViewTable.Print(_context.Terminal, view, await session.Api.GetAsync(path, cancellationToken).ConfigureAwait(false));
                return ExitCodes.Ok;
            }

            Stream output = Console.OpenStandardOutput();
            AnswerFacts facts = await session.Api.CopyAsync(path, output, cancellationToken).ConfigureAwait(false);
            await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            await WarnAsync(view, facts).ConfigureAwait(false);
            return ExitCodes.Ok;
        }
    }

    // Rows in a file look whole whatever they are, and the standard output is theirs alone.
    private static async Task WarnAsync(ViewDefinition view, AnswerFacts facts)
    {
        if (facts.IsTruncated)
        {
            await ErrorOutput.LineAsync($"warning: {view.Name} has more rows than were printed. Raise --limit, or choose less by --key, --from and --to.")
                .ConfigureAwait(false);
        }

        if (facts.IsIncomplete)
        {
            await ErrorOutput.LineAsync($"warning: the answer is incomplete. 'query {view.Name}' without --format says why.").ConfigureAwait(false);
        }
    }
}
