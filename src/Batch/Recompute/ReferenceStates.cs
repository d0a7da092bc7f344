using System.Globalization;
using Lambda.Batch.Archive;
using Lambda.Batch.Audit.Data;
using Lambda.Batch.History;
using Lambda.Quality;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Batch.Recompute;

/// <summary>
/// How what references point at stands. A stream that a reference blocks waits for that: it has no new events itself when what was missing arrives.
/// </summary>
internal sealed class ReferenceStates(PinStream pin)
{
    /// <summary>The same as long as nothing has been written to the streams and files that a stream's references point at.</summary>
    public async Task<string> ReadAsync(StreamDefinition stream, CancellationToken cancellationToken)
    {
        List<string> states = [];
        foreach (ReferenceCheck check in stream.DataChecks.OfType<ReferenceCheck>())
        {
            states.Add(await ReadAsync(check.Values, cancellationToken).ConfigureAwait(false));
        }

        return string.Join('\n', states);
    }

    /// <summary>Whether a reference has blocked a run over a stream.</summary>
    public static bool HaveBlocked(StreamDefinition stream, RunResult result) => result is { Outcome: RunOutcome.Blocked, Report: { } report }
        && report.Checks
            .Where(found => found is { Severity: CheckSeverity.Block, Verdict: CheckVerdict.Failed }).Select(found => found.Name)
            .Intersect(stream.DataChecks.OfType<ReferenceCheck>().Select(check => check.Name)).Any();

    private async Task<string> ReadAsync(ReferencedValues values, CancellationToken cancellationToken)
    {
        try
        {
            switch (values)
            {
                case ReferencedFile file:
                    FileInfo found = new(ReferenceTables.Locate(file.File));
                    return string.Create(CultureInfo.InvariantCulture, $"{found.FullName}, {found.Length} bytes, {found.LastWriteTimeUtc:O}");
                case ReferencedStream other:
                    IArchiveSnapshot archive = await pin(other.Stream, cancellationToken).ConfigureAwait(false);
                    return string.Create(CultureInfo.InvariantCulture, $"{archive.Id}, version {archive.Version}");
                default:
                    throw new InvalidOperationException($"Reference {values} has no state.");
            }
        }
        catch (Exception error) when (error is CheckException or BatchException or HistoryException or IOException)
        {
            // The audit tells of it.
            return error.Message;
        }
    }
}
