using System.CommandLine;
using System.Text.Json;
using Lambda.Hosting.Client;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Output;
using Lambda.Jobs;
using Lambda.Store;
using Lambda.Time;
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

    private readonly Option<bool> _full = new("--full")
    {
        Description = "Compute everything from the history, instead of merging new events into what the generation before has. Both give the same.",
    };

    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "Publish nothing: show what the audit finds, and what a publication would change.",
    };

    private readonly TimeRangeOptions _times = new("Compute windows anew from the history, besides what is new: those of event times");

    private readonly Option<string?> _one = new("--stream", "-s")
    {
        Description = "The stream. Not needed when the application has one.",
        HelpName = "STREAM",
    };

    private readonly Option<long> _generation = new("--generation", "-g")
    {
        Description = "The generation that is to serve again, one of those that 'batch generations' lists as superseded.",
        HelpName = "N",
        Required = true,
    };

    public Command Create()
    {
        Command run = new("run",
            "Recomputes the views of a stream from its history, audits the result and publishes it. When the audit blocks it, what was served before stays and "
            + "the exit code is 3.");
        foreach (Option option in (Option[])[_stream, _full, _dryRun])
        {
            run.Options.Add(option);
        }

        _times.AddTo(run);

        run.SetAction(RunAsync);
        Command command = new("batch", "Runs the batch layer.");
        command.Subcommands.Add(run);
        Command generations = new("generations", "Lists the generations of a stream that are kept, the newest first.");
        generations.Options.Add(_one);
        generations.SetAction(ListAsync);
        command.Subcommands.Add(generations);
        Command rollback = new("rollback",
            "Has an earlier generation serve again, at once and with its own boundary: the speed layer's results fill up what lies behind it. The next run goes on "
            + "from it.");
        rollback.Options.Add(_one);
        rollback.Options.Add(_generation);
        rollback.SetAction(RollBackAsync);
        command.Subcommands.Add(rollback);
        Command verify = new("verify",
            "Reads the generation that serves from the store, and holds it against the sums that were kept when it was published. Names the days of each view that differ; the "
            + "exit code is 1 when anything does.");
        verify.Options.Add(_one);
        verify.SetAction(VerifyAsync);
        command.Subcommands.Add(verify);
        string stream = context.Application.Catalog.Streams[0].Name;
        context.AddExamples(command, "batch run");
        context.AddExamples(run, "batch run", $"batch run --stream {stream}", "batch run --full", "batch run --dry-run", "batch run --from 2001-01-14 --to 2001-01-15");
        context.AddExamples(generations, "batch generations");
        context.AddExamples(rollback, "batch rollback --generation 12");
        context.AddExamples(verify, "batch verify", $"batch verify --stream {stream}");
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        IReadOnlyList<StreamDefinition> streams =
            parsed.GetValue(_stream) is { } name ? [context.FindStream(name)] : context.Application.Catalog.Streams;
        bool isShared = context.Settings(parsed).IsShared;
        (DateTimeOffset? from, DateTimeOffset? to) = _times.Read(parsed);
        if (parsed.GetValue(_full) && (from ?? to) is not null)
        {
            throw new CommandException("--full computes all windows, so --from and --to say nothing more. Leave one of them out.", ExitCodes.WrongUsage);
        }

        BatchRunOrder order = new(
            parsed.GetValue(_full) ? RunScope.All : RunScope.New, parsed.GetValue(_dryRun) ? RunPurpose.Rehearse : RunPurpose.Publish)
        {
            Range = (from ?? to) is null
                ? null
                : new WindowRange(
                    from is { } first ? UtcMicroseconds.FromDateTime(first.UtcDateTime) : WindowRange.All.From,
                    to is { } end ? UtcMicroseconds.FromDateTime(end.UtcDateTime) : WindowRange.All.To),
        };

        Session session = await context.OpenForBatchAsync(parsed, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            int exitCode = ExitCodes.Ok;
            foreach (StreamDefinition stream in streams)
            {
                if (session.Own is not null && !isShared)
                {
                    await CatchUp.RunAsync(session.Own, stream, context.Terminal, cancellationToken).ConfigureAwait(false);
                }

                int result = await BatchRun.RunAsync(session.Api, stream.Name, order, context.Terminal, cancellationToken).ConfigureAwait(false);
                exitCode = ExitCodes.Both(exitCode, result);
            }

            return exitCode;
        }
    }

    private async Task<int> VerifyAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string stream = context.FindStream(parsed, _one).Name;
        Session session = await context.OpenForBatchAsync(parsed, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            JsonElement answer = await session.Api.PostAsync(GenerationEndpoints.VerifyPath(stream), new { }, cancellationToken).ConfigureAwait(false);
            return await VerifiedReport.WriteAsync(stream, answer, context.Terminal).ConfigureAwait(false);
        }
    }

    private async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        StreamDefinition stream = context.FindStream(parsed, _one);
        Session session = await context.OpenAsync(parsed, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            JsonElement generations = await session.Api.GetAsync(ApiPaths.Generations(stream.Name), cancellationToken).ConfigureAwait(false);
            foreach (JsonElement generation in generations.EnumerateArray())
            {
                context.Terminal.Line(
                    $"{stream.Name}: generation {Figures.Of(generation.GetProperty("generation"))} {generation.GetProperty("state").GetString()}, "
                    + $"{generation.GetProperty("endedAt").GetString() ?? "not ended"}, up to {generation.GetProperty("boundary").GetRawText()}");
            }

            return ExitCodes.Ok;
        }
    }

    private async Task<int> RollBackAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        StreamDefinition stream = context.FindStream(parsed, _one);
        Session session = await context.OpenForBatchAsync(parsed, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            JsonElement answer = await session.Api.PostAsync(
                ApiPaths.Rollbacks, new { stream = stream.Name, generation = parsed.GetRequiredValue(_generation) }, cancellationToken)
                .ConfigureAwait(false);
            context.Terminal.Line($"{stream.Name}: generation {Figures.Of(answer.GetProperty("generation"))} serves again");
            return ExitCodes.Ok;
        }
    }
}
