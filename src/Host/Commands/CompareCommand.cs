using System.CommandLine;
using System.Text.Json;
using Lambda.Hosting.Client;
using Lambda.Hosting.Output;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>Shows where the layers differ, and why.</summary>
internal sealed class CompareCommand
{
    private const string Table = "table";
    private const int RowsOfTable = 20;

    private readonly CommandContext _context;
    private readonly ViewOptions _view;
    private readonly Option<bool> _all = new("--all") { Description = "Windows in which the layers agree as well." };
    private readonly Option<string> _format = new("--format", "-f")
    {
        Description = "How to print the answer: table (usual) or json.",
        HelpName = "FORMAT",
        DefaultValueFactory = _ => Table,
    };

    public CompareCommand(CommandContext context)
    {
        _context = context;
        _view = new ViewOptions(context);
        _format.AcceptOnlyFromAmong(Table, "json");
    }

    public Command Create()
    {
        Command command = new("compare",
            "Shows windows in which batch and speed layer differ over the same events, and why: late events, repetitions, events that a check refused. The exit "
            + "code is 3 when a difference has no such reason.");
        _view.AddTo(command);
        command.Options.Add(_all);
        command.Options.Add(_format);
        command.SetAction(RunAsync);
        _context.AddExamples(command, $"compare {_context.ExampleView}", $"compare {_context.ExampleView} --from 2001-01-01 --format json");
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        ViewDefinition view = _view.FindView(parsed);
        bool isTable = parsed.GetRequiredValue(_format) == Table;
        List<KeyValuePair<string, string>> parameters = _view.Parameters(parsed, view, isTable ? RowsOfTable : null);
        ViewOptions.Add(parameters, "all", parsed.GetValue(_all) ? "true" : null);
        Session session = await _context.OpenAsync(parsed, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            JsonElement answer = await session.Api.GetAsync(ApiPaths.Comparison(view.Name, parameters), cancellationToken).ConfigureAwait(false);
            if (isTable)
            {
                ComparisonTable.Print(_context.Terminal, view, answer);
            }
            else
            {
                _context.Terminal.Line(answer.GetRawText());
            }

            return answer.GetProperty("totals").GetProperty("unexplained").GetInt64() == 0 ? ExitCodes.Ok : ExitCodes.Blocked;
        }
    }
}
