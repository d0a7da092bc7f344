using System.CommandLine;
using System.Globalization;
using Lambda.Batch.Compute;
using Lambda.Batch.Scan;
using Lambda.Hosting.Compute;
using Lambda.Hosting.Output;
using Lambda.Views;
using Lambda.Views.Plans;

namespace Lambda.Hosting.Commands;

/// <summary>Computes a view straight from files.</summary>
internal sealed class ComputeCommand
{
    private const string StandardOutput = "-";
    private const string Csv = "csv";
    private const string Ndjson = "ndjson";
    private const int MostRefusalsShown = 10;

    private readonly CommandContext _context;
    private readonly Argument<string> _view = new("VIEW") { Description = "The view." };
    private readonly Argument<string[]> _files = new("FILE")
    {
        Description = "Parquet files whose columns have the JSON names of the event's members, in any case. Times without a zone are UTC.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The file that takes the windows, or - for the standard output (usual).",
        HelpName = "FILE",
        DefaultValueFactory = _ => StandardOutput,
    };

    private readonly Option<string?> _format = new("--format", "-f")
    {
        Description = "csv or ndjson. Usually what the output file is named after, else csv.",
        HelpName = "FORMAT",
    };

    private readonly Option<int> _workers = new("--workers")
    {
        Description = "How many threads compute. Usually one per core.",
        HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private readonly Option<bool> _ignoreStatistics = new("--ignore-statistics")
    {
        Description = "Do not believe what the files say about the event times in them, as some programs write it wrong. All windows are held to the end.",
    };

    public ComputeCommand(CommandContext context)
    {
        _context = context;
        _format.AcceptOnlyFromAmong(Csv, Ndjson);
    }

    public Command Create()
    {
        Command command = new("compute",
            "Computes a view from Parquet files, without taking them in: no log, no history and no server. Every row counts once: nothing is late, and rows "
            + "that repeat an event are not dropped, also where the stream has event ids. Rows that fail a check, break an expression of this view or lack "
            + "a value are left out and reported; one that breaks an expression of another view of the stream counts, as only what this view reads is looked at. "
            + "Windows come in no particular order.");
        command.Arguments.Add(_view);
        command.Arguments.Add(_files);
        foreach (Option option in (Option[])[_output, _format, _workers, _ignoreStatistics])
        {
            command.Options.Add(option);
        }

        command.SetAction(RunAsync);
        _context.AddExamples(
            command,
            $"compute {_context.ExampleView} january.parquet february.parquet --output windows.csv",
            $"compute {_context.ExampleView} events.parquet --format ndjson");
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        ViewDefinition view = _context.FindView(parsed.GetRequiredValue(_view));
        StreamDefinition stream = _context.FindStream(view.Stream).With([view]);
        StreamPlan plan = new(stream);
        int workers = parsed.GetValue(_workers);
        if (workers < 1)
        {
            throw new CommandException($"{workers} threads cannot compute. Give --workers 1 or more.", ExitCodes.WrongUsage);
        }

        ScanPlan scan = ScanPlan.Of(
            parsed.GetRequiredValue(_files),
            stream,
            plan.ViewAndCheckProjection,
            parsed.GetValue(_ignoreStatistics) ? StatisticsUse.Ignore : StatisticsUse.Trust);
        string output = parsed.GetRequiredValue(_output);
        string format = parsed.GetValue(_format) ?? (output.EndsWith($".{Ndjson}", StringComparison.OrdinalIgnoreCase) ? Ndjson : Csv);
        if (output == StandardOutput)
        {
            Stream standard = Console.OpenStandardOutput();
            await using (standard.ConfigureAwait(false))
            {
                return await ComputeAsync(plan, scan, workers, format, standard, cancellationToken).ConfigureAwait(false);
            }
        }

        return await ComputeToFileAsync(plan, scan, workers, format, output, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The file gets its name when it is whole.</summary>
    private static async Task<int> ComputeToFileAsync(
        StreamPlan plan, ScanPlan scan, int workers, string format, string path, CancellationToken cancellationToken)
    {
        string written = path + ".part";
        // Before what removes it again: one that cannot be opened may be that of another command, which is not done with it.
        FileStream file = new(written, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 20);
        try
        {
            int exitCode;
            await using (file.ConfigureAwait(false))
            {
                exitCode = await ComputeAsync(plan, scan, workers, format, file, cancellationToken).ConfigureAwait(false);
            }

            File.Move(written, path, overwrite: true);
            return exitCode;
        }
        catch
        {
            File.Delete(written);
            throw;
        }
    }

    private static async Task<int> ComputeAsync(
        StreamPlan plan, ScanPlan scan, int workers, string format, Stream output, CancellationToken cancellationToken)
    {
        ViewDefinition view = plan.Stream.Views[0];
        WindowWriter windows = format == Ndjson ? new NdjsonWindows(view, output) : new CsvWindows(view, output);
        ComputationReport report = await FileComputation.RunAsync(
            plan, scan, workers, windows, new Progress<long>(), cancellationToken).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        await ReportAsync(view, report, windows.Windows).ConfigureAwait(false);
        return report.Refused.Count == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    // The standard output may be the windows' alone.
    private static async Task ReportAsync(ViewDefinition view, ComputationReport report, long windows)
    {
        await ErrorOutput.LineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{view.Name}: {windows:N0} windows of {report.Rows - report.Refused.Count:N0} rows")).ConfigureAwait(false);
        if (report.Refused.Count == 0)
        {
            return;
        }

        await ErrorOutput.LineAsync(string.Create(CultureInfo.InvariantCulture, $"warning: {report.Refused.Count:N0} rows were left out:"))
            .ConfigureAwait(false);
        foreach (RowRefusal refusal in report.Refused.Places.Take(MostRefusalsShown))
        {
            await ErrorOutput.LineAsync($"  {refusal}").ConfigureAwait(false);
        }

        if (report.Refused.Count > MostRefusalsShown)
        {
            await ErrorOutput.LineAsync("  …").ConfigureAwait(false);
        }
    }
}
