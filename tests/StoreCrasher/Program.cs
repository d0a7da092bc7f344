using System.Globalization;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.Store.Postgres;
using Lambda.StoreCrasher;

// Writes to the store that the arguments name until it is killed: "embedded FOLDER" or "postgres CONNECTION".
// A line "c N" says that commit N was acknowledged, "p N" that the publication after it was.
using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
await using IViewStore store = args switch
{
    ["embedded", string folder] => await EmbeddedViewStore.OpenAsync(
        new EmbeddedStoreOptions { Folder = folder, CheckpointMegabytes = 1 }, TimeProvider.System, CancellationToken.None),
    ["postgres", string connection] => await PostgresViewStore.OpenAsync(
        new PostgresStoreOptions { ConnectionString = connection }, TimeProvider.System, CancellationToken.None),
    _ => throw new ArgumentException("Name a store."),
};
await store.RegisterAsync(new StreamRegistration(CrashWorkload.Stream, 1, [CrashWorkload.View]), CancellationToken.None);
PartitionClaim claim = await store.ClaimAsync(CrashWorkload.Stream, 0, CancellationToken.None);
BatchLease lease = await store.TryAcquireLeaseAsync(CrashWorkload.Stream, "crasher", TimeSpan.FromHours(1), CancellationToken.None)
    ?? throw new InvalidOperationException("The lease is taken.");
long epoch = claim.Epoch;
for (int commit = (int)(claim.NextOffset / CrashWorkload.OffsetsPerCommit) + 1; ; commit++)
{
    bool publishes = commit % CrashWorkload.CommitsPerPublication == 0;
    await store.CommitAsync(
        new SpeedCommit
        {
            Stream = CrashWorkload.Stream,
            Partition = 0,
            Fence = claim.Fence,
            Epoch = epoch,
            NextOffset = commit * CrashWorkload.OffsetsPerCommit,
            MaxEventTime = commit,
            LastAppendedAt = commit,
            Tally = new EventTally(CrashWorkload.OffsetsPerCommit, 0),
            Partials = [CrashWorkload.PartialsOf(commit)],
            Quarantine = [],
            EpochEnd = publishes ? EpochEnd.Seal : EpochEnd.KeepOpen,
        },
        CancellationToken.None);
    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"c {commit}"));
    if (publishes)
    {
        epoch++;
        await PublishAsync(commit);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"p {commit}"));
    }
}

async Task PublishAsync(int commit)
{
    var plan = new GenerationPlan(commit, new Boundary([commit * CrashWorkload.OffsetsPerCommit]), [CrashWorkload.View]);
    long generation = await store.BeginGenerationAsync(lease, plan, CancellationToken.None);
    for (int half = 0; half < 2; half++)
    {
        await store.WriteGenerationAsync(
            lease, generation, PartialKind.Kept, CrashWorkload.GenerationOf(commit, half), CancellationToken.None);
    }

    var report = new AuditReport(CrashWorkload.Stream, generation, DateTimeOffset.UtcNow, AuditOutcome.Passed, []);
    await store.PublishAsync(lease, generation, new Publication(report, [], []), CancellationToken.None);
}
