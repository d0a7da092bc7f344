using System.CommandLine;
using System.Text.Json;
using Lambda.Hosting.Client;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Output;
using Lambda.Hosting.Settings;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>Lists records that were refused, and submits them again.</summary>
internal sealed class QuarantineCommand
{
    private const string Table = "table";
    private const int UsualRecords = 20;
    private const int MostRecords = 1_000;

    private readonly CommandContext _context;
    private readonly Argument<string?> _listed = StreamArgument();
    private readonly Argument<string?> _resubmitted = StreamArgument();

    private readonly Option<string?> _reason = new("--reason", "-r")
    {
        Description = "Those refused for this reason only, or for one of several with commas between: malformed, wrongType, missingMember, invalidEventTime, "
            + "futureEventTime, expressionFailed, checkFailed.",
        HelpName = "REASON",
        Recursive = true,
    };

    private readonly Option<int?> _partition = new("--partition", "-p") { Description = "Those of this partition only.", HelpName = "N", Recursive = true };

    private readonly Option<int> _limit = new("--limit", "-n")
    {
        Description = "How many records at most.",
        HelpName = "N",
        DefaultValueFactory = _ => UsualRecords,
    };

    private readonly Option<string> _format = new("--format", "-f")
    {
        Description = "How to print the answer: table (usual) or json.",
        HelpName = "FORMAT",
        DefaultValueFactory = _ => Table,
    };

    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do not ask." };

    public QuarantineCommand(CommandContext context)
    {
        _context = context;
        _format.AcceptOnlyFromAmong(Table, "json");
        _limit.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.GetValueOrDefault<int>() is < 1 or > MostRecords)
            {
                result.AddError($"--limit takes a number of records from 1 to {MostRecords}.");
            }
        });
    }

    public Command Create()
    {
        Command resubmit = new("resubmit",
            "Appends refused records to the log again, as they are: after a mended program, or one with another event type, takes them. Those that it refuses, too, are told, and "
            + "the exit code is 1. The ones that were refused before stay listed.");
        resubmit.Arguments.Add(_resubmitted);
        resubmit.Options.Add(_yes);
        resubmit.SetAction(ResubmitAsync);
        Command command = new("quarantine", "Lists records that could not be decoded or that a check or an expression refused, the newest first.");
        command.Arguments.Add(_listed);
        foreach (Option option in (Option[])[_reason, _partition, _limit, _format])
        {
            command.Options.Add(option);
        }

        command.Subcommands.Add(resubmit);
        command.SetAction(ListAsync);
        string stream = _context.Application.Catalog.Streams[0].Name;
        _context.AddExamples(command, $"quarantine {stream}", $"quarantine {stream} --reason malformed,wrongType --format json");
        _context.AddExamples(resubmit, $"quarantine resubmit {stream} --reason wrongType");
        return command;
    }

    private async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        StreamDefinition stream = _context.FindStream(parsed, _listed);
        Session session = await _context.OpenAsync(parsed, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            JsonElement page = await session.Api.GetAsync(
                ApiPaths.Quarantine(stream.Name, parsed.GetValue(_reason), parsed.GetValue(_partition), below: null, parsed.GetValue(_limit)), cancellationToken).ConfigureAwait(false);
            if (parsed.GetRequiredValue(_format) == Table)
            {
                QuarantineTable.Print(_context.Terminal, page);
            }
            else
            {
                _context.Terminal.Line(page.GetRawText());
            }

            return ExitCodes.Ok;
        }
    }

    private async Task<int> ResubmitAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        StreamDefinition stream = _context.FindStream(parsed, _resubmitted);
        HostSettings settings = _context.Settings(parsed);

        // Over shared storage the speed layer is other processes' work.
        PlatformRole role = settings.IsShared ? PlatformRole.Append : PlatformRole.Work;
        Session session = await _context.OpenAsync(parsed, settings, role, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            if (session.Own is { } reached)
            {
                await LogReach.RequireAsync(reached, stream, cancellationToken).ConfigureAwait(false);
            }

            Platform? computing = settings.IsShared ? null : session.Own;
            if (computing is not null)
            {
                await CatchUp.RunAsync(computing, stream, _context.Terminal, cancellationToken).ConfigureAwait(false);
            }

            int exitCode = await ResubmitAsync(session.Api, parsed, stream, cancellationToken).ConfigureAwait(false);
            if (computing is not null)
            {
                await CatchUp.RunAsync(computing, stream, _context.Terminal, cancellationToken).ConfigureAwait(false);
            }

            return exitCode;
        }
    }

    private async Task<int> ResubmitAsync(ApiClient api, ParseResult parsed, StreamDefinition stream, CancellationToken cancellationToken)
    {
        List<RefusedRecord> records = await FindAsync(api, parsed, stream, cancellationToken).ConfigureAwait(false);
        if (records.Count == 0)
        {
            _context.Terminal.Line($"{stream.Name}: no such record is in quarantine");
            return ExitCodes.Ok;
        }

        string reasons = string.Join(
            ", ", records.CountBy(record => record.Reason).OrderBy(reason => reason.Key, StringComparer.Ordinal).Select(reason => $"{reason.Key} {Figures.Of(reason.Value)}"));
        _context.Terminal.Line($"{stream.Name}: {Figures.Of(records.Count, "record is", "records are")} to be appended to the log again: {reasons}. " + (stream.EventId is null
            ? "Its events have no id, so one that was submitted again before counts twice."
            : "One that was submitted again before is a repetition, which the batch layer drops."));
        if (!parsed.GetValue(_yes) && !Confirmation.IsGiven())
        {
            _context.Terminal.Line("Nothing was submitted.");
            return ExitCodes.Failed;
        }

        return await AppendAsync(api, stream, records, cancellationToken).ConfigureAwait(false);
    }

    private async Task<int> AppendAsync(ApiClient api, StreamDefinition stream, List<RefusedRecord> records, CancellationToken cancellationToken)
    {
        int refused = 0;
        foreach (RefusedRecord record in records)
        {
            if (await api.AskAsync(ApiPaths.Resubmission(stream.Name, record.Partition, record.Offset), cancellationToken).ConfigureAwait(false) is { } why)
            {
                refused++;
                await ErrorOutput.LineAsync($"partition {record.Partition}, offset {record.Offset}: {why}").ConfigureAwait(false);
            }
        }

        string again = refused == 0 ? "" : $", {Figures.Of(refused, "was", "were")} refused again";
        _context.Terminal.Line($"{stream.Name}: {Figures.Of(records.Count - refused, "record", "records")} submitted again{again}");
        return refused == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    /// <summary>All records that are meant, in the order of the log.</summary>
    private async Task<List<RefusedRecord>> FindAsync(ApiClient api, ParseResult parsed, StreamDefinition stream, CancellationToken cancellationToken)
    {
        JsonElement status = await api.GetAsync(ApiPaths.Stream(stream.Name), cancellationToken).ConfigureAwait(false);
        IEnumerable<int> partitions = parsed.GetValue(_partition) is { } one
            ? [one]
            : status.GetProperty("partitions").EnumerateArray().Select(partition => partition.GetProperty("partition").GetInt32()).Order();
        List<RefusedRecord> records = [];
        foreach (int partition in partitions)
        {
            int first = records.Count;
            long? below = null;
            do
            {
                JsonElement page = await api.GetAsync(ApiPaths.Quarantine(stream.Name, parsed.GetValue(_reason), partition, below, MostRecords), cancellationToken).ConfigureAwait(false);
                int before = records.Count;
                records.AddRange(page.GetProperty("records").EnumerateArray().Select(record => new RefusedRecord(
                    partition, record.GetProperty("offset").GetInt64(), record.GetProperty("reason").GetString()!)));
                below = records.Count > before ? records[^1].Offset : null;
            }
            while (below is not null);

            records.Reverse(first, records.Count - first);
        }

        return records;
    }

    private static Argument<string?> StreamArgument() => new("STREAM")
    {
        Description = "The stream. Not needed when the application has one.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private sealed record RefusedRecord(int Partition, long Offset, string Reason);
}
