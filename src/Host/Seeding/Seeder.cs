using Lambda.Definition;
using Lambda.Hosting.Commands;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Ingest;
using Lambda.Hosting.Output;
using Lambda.Hosting.Settings;
using Lambda.Log;
using Lambda.Views;

namespace Lambda.Hosting.Seeding;

/// <summary>Appends what is still missing of an application's seeds.</summary>
internal sealed class Seeder(Catalog catalog, HostSettings settings, DataFolder folder, Terminal terminal)
{
    /// <exception cref="CommandException">A file is not there.</exception>
    /// <exception cref="IngestException">A file cannot be read.</exception>
    /// <exception cref="OffsetBeyondEndException">The log ends before what was computed of it.</exception>
    public async Task RunAsync(IEnumerable<Seed> seeds, Platform platform, CancellationToken cancellationToken)
    {
        foreach (Seed seed in seeds)
        {
            await RunAsync(seed, platform, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RunAsync(Seed seed, Platform platform, CancellationToken cancellationToken)
    {
        string path = seed.Locate();
        StreamDefinition stream = catalog.FindStream(seed.Stream)!;
        SeedMarker marker = await SeedMarker.ReadAsync(folder, stream.Name, path, cancellationToken).ConfigureAwait(false);
        if (marker.IsComplete)
        {
            terminal.Line($"{stream.Name}: '{Path.GetFileName(path)}' is in the log already");
            return;
        }

        if (marker.Position > 0)
        {
            terminal.Line($"{stream.Name}: going on with '{Path.GetFileName(path)}' after {Figures.Of(marker.Position, "event", "events")}");
        }

        await LogReach.RequireAsync(platform, stream, cancellationToken).ConfigureAwait(false);
        EventFile file = await EventFiles.OpenAsync(path, stream, settings.MaxRecordBytes, marker.Position, cancellationToken).ConfigureAwait(false);
        await using (file.ConfigureAwait(false))
        {
            LogSink sink = new(platform.Log, stream.Name);
            await IngestReport.RunAsync(
                terminal, stream.Name, file, sink, cancellationToken, progress => marker = marker.Advance(progress.Position, isComplete: false)).ConfigureAwait(false);
            marker.Advance(file.Position, isComplete: true);
        }
    }
}
