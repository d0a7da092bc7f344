using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lambda.Hosting.Client;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Output;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>Shows histories and looks after them.</summary>
internal sealed class HistoryCommand(CommandContext context)
{
    private readonly Option<string?> _stream = new("--stream", "-s")
    {
        Description = "The stream. All of them when it is left out.",
        HelpName = "STREAM",
        Recursive = true,
    };

    private readonly Option<string?> _asOf = new("--as-of")
    {
        Description = "The history as it was: the number of a version, or a time such as 2026-01-31T12:00Z. Times without a zone are UTC.",
        HelpName = "VERSION|TIME",
    };

    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only list what would be deleted." };

    private readonly Option<string> _where = new("--where")
    {
        Description = "Which events: a condition in the SQL of DuckDB over the columns of the history, such as \"user_id = 'u-17'\".",
        HelpName = "CONDITION",
        Required = true,
    };

    private readonly Option<bool> _dryRunOfDelete = new("--dry-run") { Description = "Only count them." };

    public Command Create()
    {
        Command command = new("history", "Shows what the histories of streams consist of: versions, files, rows, sizes.");
        command.Options.Add(_stream);
        command.Options.Add(_asOf);
        command.SetAction((parsed, cancellationToken) => ForEachAsync(parsed, ShowAsync, cancellationToken));

        Command verify = new("verify",
            "Reads histories whole, and holds every file against its checksums and statistics, and all rows against the offsets that were archived. Names what "
            + "differs; the exit code is 1 when anything does.");
        verify.Options.Add(_asOf);
        verify.SetAction((parsed, cancellationToken) => ForEachAsync(parsed, VerifyAsync, cancellationToken));

        Command compact = new("compact", "Puts small files together, without changing a row.");
        compact.SetAction((parsed, cancellationToken) => ForEachAsync(parsed, CompactAsync, cancellationToken));

        Command vacuum = new("vacuum", "Deletes files that neither a version within HistoryRetention nor a kept generation needs.");
        vacuum.Options.Add(_dryRun);
        vacuum.SetAction((parsed, cancellationToken) => ForEachAsync(parsed, VacuumAsync, cancellationToken));

        Command delete = new("delete",
            "Deletes events for good, such as those of a person, and computes everything anew without them. 'history vacuum' removes what is left of them in files "
            + "once HistoryRetention has passed.");
        delete.Options.Add(_where);
        delete.Options.Add(_dryRunOfDelete);
        delete.SetAction((parsed, cancellationToken) =>
            ForEachAsync(parsed, [context.FindStream(parsed, _stream)], DeleteAsync, cancellationToken));

        Command adopt = new("adopt",
            "Has the next batch run take the history that lies where History says for the stream's, and compute everything from it, although results were computed from "
            + "another one. For a history that was given up or replaced on purpose: the batch layer refuses another one otherwise.");
        adopt.SetAction(AdoptAsync);

        foreach (Command each in (Command[])[verify, compact, vacuum, delete, adopt])
        {
            command.Subcommands.Add(each);
        }

        context.AddExamples(command, "history", "history --as-of 2026-01-31T12:00Z", $"history --stream {context.Application.Catalog.Streams[0].Name}");
        context.AddExamples(verify, "history verify", "history verify --as-of 12");
        context.AddExamples(compact, "history compact");
        context.AddExamples(delete, "history delete --where \"user_id = 'u-17'\" --dry-run", "history delete --where \"user_id = 'u-17'\"");
        context.AddExamples(vacuum, "history vacuum --dry-run", "history vacuum");
        context.AddExamples(adopt, $"history adopt --stream {context.Application.Catalog.Streams[0].Name}");
        return command;
    }

    private Task<int> ForEachAsync(
        ParseResult parsed, Func<Session, ParseResult, string, CancellationToken, Task<int>> work, CancellationToken cancellationToken) => ForEachAsync(
            parsed, parsed.GetValue(_stream) is { } name ? [context.FindStream(name)] : context.Application.Catalog.Streams, work, cancellationToken);

    private async Task<int> ForEachAsync(
        ParseResult parsed,
        IReadOnlyList<StreamDefinition> streams,
        Func<Session, ParseResult, string, CancellationToken, Task<int>> work,
        CancellationToken cancellationToken)
    {
        Session session = await context.OpenForBatchAsync(parsed, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            int exitCode = ExitCodes.Ok;
            foreach (StreamDefinition stream in streams)
            {
                int result = await work(session, parsed, stream.Name, cancellationToken).ConfigureAwait(false);
                exitCode = ExitCodes.Both(exitCode, result);
            }

            return exitCode;
        }
    }

    private async Task<int> ShowAsync(Session session, ParseResult parsed, string stream, CancellationToken cancellationToken)
    {
        JsonElement answer = await session.Api.GetAsync(HistoryEndpoints.Path(stream, "") + AsOf(parsed), cancellationToken).ConfigureAwait(false);
        context.Terminal.Heading(stream);
        TableColumn[] columns =
        [
            new("table", IsNumber: false), new("version", IsNumber: true), new("committed", IsNumber: false), new("files", IsNumber: true),
            new("rows", IsNumber: true), new("bytes", IsNumber: true), new("readable from version", IsNumber: true), new("of", IsNumber: false),
            new("location", IsNumber: false),
        ];
        string[] values = ["table", "version", "committedAt", "files", "rows", "bytes", "oldestVersion", "oldestCommittedAt", "location"];
        context.Terminal.Table(
            columns,
            answer.GetProperty("tables").EnumerateArray().Select(table => (IReadOnlyList<string>)[.. values.Select(value => Cell(table.GetProperty(value)))]));
        return ExitCodes.Ok;
    }

    private async Task<int> VerifyAsync(Session session, ParseResult parsed, string stream, CancellationToken cancellationToken)
    {
        JsonElement answer = await session.Api.PostAsync(HistoryEndpoints.Path(stream, "verify") + AsOf(parsed), new { }, cancellationToken).ConfigureAwait(false);
        JsonElement problems = answer.GetProperty("problems");
        foreach (JsonElement problem in problems.EnumerateArray())
        {
            string where = problem.GetProperty("file").GetString() is { } file ? $"{file}: " : "";
            context.Terminal.Line($"{stream}, {problem.GetProperty("table").GetString()}: {where}{problem.GetProperty("problem").GetString()}");
        }

        string read = $"{Figures.Of(answer.GetProperty("files").GetInt64(), "file", "files")} with {Figures.Of(answer.GetProperty("rows").GetInt64(), "row", "rows")} of version "
            + $"{Figures.Of(answer.GetProperty("version"))} were read";
        if (problems.GetArrayLength() > 0)
        {
            string remedy = problems.EnumerateArray().Any(problem => !problem.GetProperty("tellsRemedy").GetBoolean())
                ? ". Restore the files named from a copy, or move the history away and have it made anew from the log ('history adopt')."
                : ". What to do stands with each.";
            await ErrorOutput.LineAsync(
                $"error: {stream}: its history has {Figures.Of(problems.GetArrayLength(), "problem", "problems")}; {read}{remedy}").ConfigureAwait(false);
            return ExitCodes.Failed;
        }

        context.Terminal.Line($"{stream}: the history is well; {read}");
        return ExitCodes.Ok;
    }

    private async Task<int> CompactAsync(Session session, ParseResult parsed, string stream, CancellationToken cancellationToken)
    {
        JsonElement answer = await session.Api.PostAsync(HistoryEndpoints.Path(stream, "compact"), new { }, cancellationToken).ConfigureAwait(false);
        foreach (JsonElement table in answer.EnumerateArray())
        {
            string name = $"{stream}, {table.GetProperty("table").GetString()}";
            context.Terminal.Line(table.GetProperty("removed").GetInt64() == 0
                ? $"{name}: nothing to put together"
                : $"{name}: {Figures.Of(table.GetProperty("removed").GetInt64(), "file", "files")} became {Figures.Of(table.GetProperty("added"))}, "
                    + $"{Figures.Of(table.GetProperty("removedBytes"))} bytes {Figures.Of(table.GetProperty("addedBytes"))}");
            foreach (JsonElement file in table.GetProperty("left").EnumerateArray())
            {
                context.Terminal.Line($"{name}: left as it is: {file.GetString()}");
            }
        }

        return ExitCodes.Ok;
    }

    private async Task<int> VacuumAsync(Session session, ParseResult parsed, string stream, CancellationToken cancellationToken)
    {
        bool dryRun = parsed.GetValue(_dryRun);
        JsonElement answer = await session.Api.PostAsync(
            HistoryEndpoints.Path(stream, "vacuum") + (dryRun ? "?dryRun=true" : ""), new { }, cancellationToken).ConfigureAwait(false);
        foreach (JsonElement table in answer.EnumerateArray())
        {
            JsonElement files = table.GetProperty("files");
            string name = $"{stream}, {table.GetProperty("table").GetString()}";
            foreach (JsonElement file in dryRun ? files.EnumerateArray() : default)
            {
                context.Terminal.Line(file.GetString()!);
            }

            context.Terminal.Line(
                $"{name}: {Figures.Of(files.GetArrayLength(), "file", "files")} with {Figures.Of(table.GetProperty("bytes"))} bytes and "
                + $"{Figures.Of(table.GetProperty("logFiles").GetInt64(), "file", "files")} of the log {(dryRun ? "would be" : "were")} deleted");
        }

        return ExitCodes.Ok;
    }

    private async Task<int> DeleteAsync(Session session, ParseResult parsed, string stream, CancellationToken cancellationToken)
    {
        if (session.Own is not null && !context.Settings(parsed).IsShared)
        {
            await CatchUp.RunAsync(session.Own, context.FindStream(stream), context.Terminal, cancellationToken).ConfigureAwait(false);
        }

        bool dryRun = parsed.GetValue(_dryRunOfDelete);
        JsonElement answer = await session.Api.PostAsync(
            HistoryEndpoints.Path(stream, "delete"), new { where = parsed.GetValue(_where), dryRun }, cancellationToken).ConfigureAwait(false);
        long events = 0;
        foreach (JsonProperty date in answer.GetProperty("events").EnumerateObject())
        {
            events += date.Value.GetInt64();
            if (dryRun)
            {
                context.Terminal.Line($"  {date.Name}: {Figures.Of(date.Value.GetInt64(), "event", "events")}");
            }
        }

        if (dryRun)
        {
            context.Terminal.Line($"{stream}: {Figures.Of(events, "event", "events")} would be deleted");
            return ExitCodes.Ok;
        }

        // Also when there is nothing left to delete: a command that ended early may have deleted the events and not computed without them.
        context.Terminal.Line(
            $"{stream}: {Figures.Of(events, "event", "events")} of {Figures.Of(answer.GetProperty("events").EnumerateObject().Count(), "date", "dates")} deleted, in "
            + $"{Figures.Of(answer.GetProperty("files").GetInt64(), "file", "files")}; "
            + $"{Figures.Of(answer.GetProperty("quarantined").GetInt64(), "quarantined record", "quarantined records")} forgotten");
        return await BatchRun.RunAsync(session.Api, stream, context.Terminal, cancellationToken).ConfigureAwait(false);
    }

    private async Task<int> AdoptAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string stream = context.FindStream(parsed, _stream).Name;
        Session session = await context.OpenAsync(parsed, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.Api.PostAsync(HistoryEndpoints.Path(stream, "adopt"), new { }, cancellationToken).ConfigureAwait(false);
            context.Terminal.Line($"{stream}: the next batch run takes the history that it finds for the stream's, and computes everything from it");
            return ExitCodes.Ok;
        }
    }

    private static string Cell(JsonElement value) => value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out DateTimeOffset instant)
        ? instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
        : Figures.Of(value);

    private string AsOf(ParseResult parsed) => parsed.GetValue(_asOf) is { } text ? $"?asOf={Uri.EscapeDataString(text)}" : "";
}
