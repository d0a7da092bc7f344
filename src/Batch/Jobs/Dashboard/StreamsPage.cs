using Lambda.Definition;
using Lambda.Store;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>All streams at a glance: how far each layer is behind the log, and how the last run and the last audit ended.</summary>
internal sealed class StreamsPage() : DashboardPage("Streams")
{
    protected override async Task<bool> ExecuteAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        WriteHeading("h1", "Streams");
        BeginTable("Stream", "Speed layer behind the log", "Not archived", "Generation", "Covers", "Last run", "Last audit", "Quarantine", "");
        bool isLive = false;
        foreach (string name in services.GetRequiredService<Catalog>().Streams.Select(stream => stream.Name))
        {
            StreamOverview stream = await StreamOverview.ReadAsync(services, name, cancellationToken).ConfigureAwait(false);
            WriteStream(stream, Now(services));
            isLive |= stream.Runs.Any(run => run.EndedAt is null);
        }

        EndTable();
        return isLive;
    }

    private void WriteStream(StreamOverview stream, DateTimeOffset now)
    {
        BeginRow();
        BeginCell();
        WriteLink(StreamUrl(stream.Name), stream.Name);
        EndCell();
        WriteCell(stream.Positions is { } known ? $"{Text(known.Sum(partition => partition.SpeedLag))} records" : "not known");
        WriteCell(stream.Positions is { } positions ? $"{Text(positions.Sum(partition => partition.ArchiveLag))} records" : "not known");
        GenerationInfo? current = stream.Status?.CurrentGeneration;
        WriteCell(current is null ? "none yet" : $"{current.Generation}, {Age(now - (current.EndedAt ?? current.StartedAt))} old");
        WriteCell(stream.Positions is { } covered ? $"all but {Text(covered.Sum(partition => partition.BatchLag))} records" : "");
        BeginCell();
        if (stream.Runs is [var run, ..])
        {
            WriteLink(RunUrl(run), run.RunId);
            Write(" ");
            WriteLabel(Colour(run.State), run.State.ToString());
        }

        EndCell();
        BeginCell();
        if (stream.Audits is [var audit, ..])
        {
            WriteLabel(Colour(audit.Outcome), audit.Outcome.ToString());
        }

        EndCell();
        WriteCell(Text(stream.Status?.QuarantineCounts.Values.Sum() ?? 0));
        BeginCell();
        WriteRecomputeButton(stream.Name);
        EndCell();
        EndRow();
    }
}
