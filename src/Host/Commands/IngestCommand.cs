using System.CommandLine;
using Lambda.Batch.History;
using Lambda.Hosting.Client;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Ingest;
using Lambda.Hosting.Settings;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>Takes files of events in.</summary>
internal sealed class IngestCommand(CommandContext context)
{
    private readonly Argument<string> _file = new("FILE")
    {
        Description = "A Parquet file, a file with a JSON object per line, - for lines from the standard input, or the folder of a table of Delta Lake, Apache Iceberg or Apache Hudi.",
    };

    private readonly Option<string?> _asOf = new("--as-of")
    {
        Description = "The table as it was: the number of a version (in Iceberg the id of a snapshot, in Hudi an instant), or a time such as 2026-01-31T12:00Z. Times without a "
            + "zone are UTC.",
        HelpName = "VERSION|TIME",
    };

    private readonly Option<string?> _stream = new("--stream", "-s")
    {
        Description = "The stream that takes the events. Not needed when the application has one.",
        HelpName = "STREAM",
    };

    public Command Create()
    {
        Command command = new("ingest",
            "Appends the events of a file to a stream. Columns of a Parquet file are matched to the members of the event by their JSON names; times without "
            + "a zone are UTC. Bad lines are appended too and end in quarantine. The same file twice is appended twice; the batch layer counts an event once "
            + "if its stream has event ids. The rows of a table are appended in the order of event time.");
        command.Arguments.Add(_file);
        command.Options.Add(_stream);
        command.Options.Add(_asOf);
        command.SetAction(RunAsync);
        context.AddExamples(command, "ingest events.ndjson", "ingest january.parquet", "ingest - < events.ndjson", "ingest /lake/events --as-of 2026-01-31T12:00Z");
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        StreamDefinition stream = context.FindStream(parsed, _stream);
        HostSettings settings = context.Settings(parsed);
        string path = parsed.GetRequiredValue(_file);
        EventFile file = await EventFiles.OpenAsync(path, stream, settings.MaxRecordBytes, skip: 0, cancellationToken, PointOf(parsed)).ConfigureAwait(false);
        await using (file.ConfigureAwait(false))
        {
            // Over shared storage the speed layer is other processes' work.
            PlatformRole role = settings.IsShared ? PlatformRole.Append : PlatformRole.Work;
            Session session = await context.OpenAsync(parsed, settings, role, cancellationToken).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
            {
                IngestResult result = await (session.Own switch
                {
                    null => IngestReport.RunAsync(context.Terminal, stream.Name, file, new HttpSink(session.Api, stream.Name), cancellationToken),
                    { } own when settings.IsShared => AppendAsync(own, stream, file, cancellationToken),
                    { } own => IngestAsync(own, stream, file, cancellationToken),
                }).ConfigureAwait(false);
                return result.RefusedCount == 0 ? ExitCodes.Ok : ExitCodes.Failed;
            }
        }
    }

    private HistoryPoint? PointOf(ParseResult parsed) => parsed.GetValue(_asOf) is not { } text ? null
        : HistoryPoint.Parse(text) ?? throw new CommandException(
            $"'{text}' is neither the number of a version nor a time. Give --as-of 12, say, or --as-of 2026-01-31T12:00Z.", ExitCodes.WrongUsage);

    /// <summary>Takes a file into a log that other processes compute.</summary>
    private async Task<IngestResult> AppendAsync(Platform platform, StreamDefinition stream, EventFile file, CancellationToken cancellationToken)
    {
        await LogReach.RequireAsync(platform, stream, cancellationToken).ConfigureAwait(false);
        return await IngestReport.RunAsync(context.Terminal, stream.Name, file, new LogSink(platform.Log, stream.Name), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a file in without a server, and waits for the speed layer, which ends with this process.</summary>
    private async Task<IngestResult> IngestAsync(Platform platform, StreamDefinition stream, EventFile file, CancellationToken cancellationToken)
    {
        await LogReach.RequireAsync(platform, stream, cancellationToken).ConfigureAwait(false);
        await CatchUp.RunAsync(platform, stream, context.Terminal, cancellationToken).ConfigureAwait(false);
        QuarantineGrowth quarantine = await QuarantineGrowth.StartAsync(platform, stream, cancellationToken).ConfigureAwait(false);
        IngestResult result = await IngestReport.RunAsync(
            context.Terminal, stream.Name, file, new LogSink(platform.Log, stream.Name), cancellationToken).ConfigureAwait(false);
        await CatchUp.RunAsync(platform, stream, context.Terminal, cancellationToken).ConfigureAwait(false);
        await quarantine.ReportAsync(context.Terminal, cancellationToken).ConfigureAwait(false);
        return result;
    }
}
