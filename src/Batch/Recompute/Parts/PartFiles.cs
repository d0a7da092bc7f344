using Lambda.Store;
using Lambda.Views.Plans;

namespace Lambda.Batch.Recompute.Parts;

/// <summary>Writes what a part has come to into its run's folder, and reads it back.</summary>
internal static class PartFiles
{
    /// <summary>Writes the partials and then, unless another attempt has, the result that makes them count.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="identity">The part.</param>
    /// <param name="plan">The stream.</param>
    /// <param name="computed">What was computed.</param>
    /// <param name="cancellationToken">Ends the work; what was written counts for nothing.</param>
    /// <returns>Whether it counts; otherwise another attempt's does.</returns>
    public static async Task<bool> WriteAsync(
        RunFolder folder, PartIdentity identity, StreamPlan plan, ComputedDates computed, CancellationToken cancellationToken)
    {
        Guid attempt = Guid.NewGuid();
        int segments = 0;
        foreach (byte[] file in PartPartials.ToFiles(computed.Partials, plan, identity))
        {
            await folder.WriteAsync(RunFolder.SegmentOf(identity.Part, attempt, segments++), file, cancellationToken).ConfigureAwait(false);
        }

        PartResult result = new(
            attempt,
            $"{Environment.MachineName}, process {Environment.ProcessId}",
            segments,
            computed.RowsByDate,
            computed.Overtaken,
            computed.Repetitions,
            computed.Refused,
            computed.Coverage);
        return await folder.TryWriteResultAsync(identity.Part, result.ToFile(identity), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads and checks all files of a part before any of them is used.</summary>
    /// <exception cref="PartFormatException">One is missing, damaged or of something else.</exception>
    public static async Task<(PartResult Result, IReadOnlyList<PartPartials> Partials)> ReadAsync(
        RunFolder folder, PartIdentity identity, StreamPlan plan, Boundary start, Boundary boundary, CancellationToken cancellationToken)
    {
        string name = RunFolder.ResultOf(identity.Part);
        PartResult result = PartResult.FromFile(
            await ReadAsync(folder, name, cancellationToken).ConfigureAwait(false), folder.Describe(name), identity, start, boundary);
        List<PartPartials> partials = [];
        for (int i = 0; i < result.Segments; i++)
        {
            string segment = RunFolder.SegmentOf(identity.Part, result.Attempt, i);
            byte[] file = await ReadAsync(folder, segment, cancellationToken).ConfigureAwait(false);
            partials.AddRange(PartPartials.FromFile(file, folder.Describe(segment), plan, identity));
        }

        return (result, partials);
    }

    private static async Task<byte[]> ReadAsync(RunFolder folder, string name, CancellationToken cancellationToken) =>
        await folder.ReadAsync(name, cancellationToken).ConfigureAwait(false) ?? throw new PartFormatException(
            $"'{folder.Describe(name)}' is gone. Nothing but a run and a vacuum may delete what is in the folder of runs.");
}
