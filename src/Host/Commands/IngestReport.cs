using Lambda.Hosting.Ingest;
using Lambda.Hosting.Output;

namespace Lambda.Hosting.Commands;

/// <summary>Takes a file in under a progress bar and says what came of it.</summary>
internal static class IngestReport
{
    /// <param name="terminal">Where to say it.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="file">The file.</param>
    /// <param name="sink">Where the records go.</param>
    /// <param name="cancellationToken">Ends the work after the append that is under way.</param>
    /// <param name="onProgress">Is called after each append.</param>
    public static async Task<IngestResult> RunAsync(
        Terminal terminal, string stream, EventFile file, IEventSink sink, CancellationToken cancellationToken, Action<IngestProgress>? onProgress = null)
    {
        Ingestion ingestion = new(file, sink);
        try
        {
            IngestResult result = await terminal.ProgressAsync($"ingesting into {stream}", bar => ingestion.RunAsync(
                progress =>
                {
                    onProgress?.Invoke(progress);
                    bar.Report(new WorkProgress(progress.Share, $"{Figures.Of(progress.Appended)} events, {Figures.Rate(progress.Rate)}"));
                },
                cancellationToken)).ConfigureAwait(false);
            Print(terminal, stream, file, result);
            return result;
        }
        catch (Exception error) when (error is IngestException or OperationCanceledException)
        {
            terminal.Line($"{stream}: {Figures.Of(ingestion.Appended, "event", "events")} of {file.Name} appended before the end came.");
            throw;
        }
    }

    private static void Print(Terminal terminal, string stream, EventFile file, IngestResult result)
    {
        double rate = result.Elapsed > TimeSpan.Zero ? result.Appended / result.Elapsed.TotalSeconds : 0;
        terminal.Line($"{stream}: {Figures.Of(result.Appended, "event", "events")} of {file.Name} appended in {Figures.Of(result.Elapsed)} ({Figures.Rate(rate)})");
        if (result.RefusedCount > 0)
        {
            string rows = string.Join(", ", result.Refused.Select(row => $"{Figures.Of(row.Row)} ({Figures.Of(row.Bytes)} bytes)"));
            string more = result.RefusedCount > result.Refused.Count ? ", …" : "";
            ErrorOutput.Line(
                $"error: {Figures.Of(result.RefusedCount, "record of", "records of")} {file.Name} not appended, being larger than {Figures.Of(file.MaxRecordBytes)} bytes. "
                + $"By line or row: {rows}{more}. Make them smaller, or raise the setting 'MaxRecordBytes'.");
        }
    }
}
