using Dapper;
using DuckDB.NET.Data;
using Lambda.Log;
using Lambda.Store.Embedded.Batch;
using Lambda.Store.Embedded.Database;
using Lambda.Store.Embedded.Retention;
using Lambda.Store.Embedded.Streams;
using Lambda.Store.Embedded.Tables;
using Lambda.Store.Embedded.Vectors;
using Lambda.Store.Relational;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Store.Embedded;

/// <summary>A view store in one DuckDB file, for a platform that runs in one process with nothing installed.</summary>
/// <remarks>
/// Claims and numbers: a partition has no epoch until its first claim, which opens epoch 1; sealing opens the next number even when the sealed
/// epoch was empty, and an empty epoch leaves no trace. Doubles in keys are the same when their bits are, as in the kernel; decimals in keys
/// are the same when they are equal, and lose trailing zeros.
/// </remarks>
internal sealed class EmbeddedViewStore : IViewStore
{
    private readonly StoreDatabase _database;
    private readonly ViewCatalog _catalog;
    private readonly SpeedCommits _speed;
    private readonly BatchLeases _leases;
    private readonly Generations _generations;
    private readonly Editions _editions;
    private readonly Expiry _expiry;
    private readonly ViewReads _views;
    private readonly RememberedReads _remembered;

    private EmbeddedViewStore(StoreDatabase database, ViewCatalog catalog, TimeProvider time)
    {
        _database = database;
        _catalog = catalog;
        _speed = new SpeedCommits(catalog, time);
        _leases = new BatchLeases(time);
        _generations = new Generations(catalog, time);
        _editions = new Editions(catalog, time);
        _expiry = new Expiry(catalog, _generations, _editions, time);
        _views = new ViewReads(catalog);
        _remembered = new RememberedReads(database);
    }

    /// <inheritdoc/>
    public long CommitSequence => _database.Commits;

    /// <summary>Opens the store in its folder, and creates it when there is none.</summary>
    /// <exception cref="ViewStoreException">
    /// The folder cannot be written, another store has it open, or the database is damaged or of a newer version.
    /// </exception>
    public static async Task<EmbeddedViewStore> OpenAsync(EmbeddedStoreOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        StoreDatabase database = await Task.Run(() => StoreDatabase.Open(options), cancellationToken).ConfigureAwait(false);
        try
        {
            var catalog = new ViewCatalog(time);
            await database.ReadAsync(
                connection =>
                {
                    catalog.Load(connection);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);

            // The file is this process's alone: whoever held a lease is gone, and waiting for it to run out would only hold up the next run.
            await database.WriteAsync(BatchLeases.ReleaseAll, cancellationToken).ConfigureAwait(false);
            return new EmbeddedViewStore(database, catalog, time);
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask RegisterAsync(StreamRegistration registration, CancellationToken cancellationToken)
    {
        IReadOnlyList<ViewTable> changed = await _database
            .WriteAsync(connection => _catalog.Register(connection, registration), cancellationToken).ConfigureAwait(false);
        foreach (ViewTable table in changed)
        {
            _catalog.Remember(table);
        }
    }

    /// <inheritdoc/>
    public async ValueTask AcceptGapAsync(LogGap gap, CancellationToken cancellationToken)
    {
        if (gap.Offsets.IsEmpty)
        {
            throw new ArgumentException($"The range {gap.Offsets} is empty, so nothing is missing.", nameof(gap));
        }

        await _database.WriteAsync(connection => GapTable.Add(connection, gap), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LogGap>> ReadGapsAsync(string stream, CancellationToken cancellationToken) =>
        _remembered.ReadAsync(ControlRead.Gaps, stream, 0, connection => GapTable.Read(connection, stream), static _ => true, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> GrowAsync(string stream, int partitions, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection => StreamGrowth.Grow(connection, stream, partitions), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<PartitionClaim> ClaimAsync(string stream, int partition, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection => _speed.Claim(connection, stream, partition), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<PartialBatch> ReadLiveSessionsAsync(
        PartialLayout view, string lane, int partition, LiveSessionBound bound, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => _speed.ReadLiveSessions(connection, view, lane, partition, bound), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Nothing is ever put off: tables of columns need no index.</remarks>
    public ValueTask<bool> IndexAsync(PartialLayout view, string lane, int partition, CancellationToken cancellationToken) => new(false);

    /// <inheritdoc/>
    public ValueTask<SealRequest> CommitAsync(SpeedCommit commit, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection => _speed.Commit(connection, commit), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SealRequest> ReadSealRequestAsync(string stream, int partition, CancellationToken cancellationToken) =>
        _remembered.ReadAsync(
            ControlRead.SealRequest,
            stream,
            partition,
            connection => _speed.ReadSealRequest(connection, stream, partition),
            request => request != SealRequest.Hold,
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<EditionInfo>> ReadEditionsAsync(string stream, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => Editions.Read(connection, stream), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> BeginReplayAsync(
        string stream, IReadOnlyList<PartialLayout> views, Boundary archivedTo, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection => _editions.Begin(connection, stream, views, archivedTo), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<FollowBound> ReadFollowBoundAsync(string stream, int partition, long from, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => Editions.ReadBound(connection, stream, partition, from), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask HoldAsync(BatchLease lease, TimeSpan duration, CancellationToken cancellationToken) =>
        await _database.WriteAsync(connection => _editions.Hold(connection, lease, duration), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask PromoteAsync(BatchLease lease, int edition, IReadOnlyList<PartialLayout> views, CancellationToken cancellationToken) =>
        await _database.WriteAsync(connection => _editions.Promote(connection, lease, edition, views), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DropEditionAsync(string stream, int edition, CancellationToken cancellationToken) =>
        await _database.WriteAsync(connection => _editions.Drop(connection, stream, edition), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<BatchLease?> TryAcquireLeaseAsync(string stream, string owner, TimeSpan duration, CancellationToken cancellationToken)
    {
        BatchLease? lease = await _database
            .WriteAsync(connection => _leases.TryAcquire(connection, stream, owner, duration), WriteEffect.Unseen, cancellationToken).ConfigureAwait(false);
        if (lease is not null)
        {
            _database.Checkpoint.PutOff(stream);
        }

        return lease;
    }

    /// <inheritdoc/>
    public async ValueTask RenewLeaseAsync(BatchLease lease, TimeSpan duration, CancellationToken cancellationToken) =>
        await _database.WriteAsync(connection => _leases.Renew(connection, lease, duration), WriteEffect.Unseen, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask ReleaseLeaseAsync(BatchLease lease, CancellationToken cancellationToken)
    {
        await _database.WriteAsync(connection => BatchLeases.Release(connection, lease), WriteEffect.Unseen, cancellationToken).ConfigureAwait(false);
        _database.Checkpoint.Resume(lease.Stream);
    }

    /// <inheritdoc/>
    public async ValueTask RequestSealAsync(string stream, CancellationToken cancellationToken) => await _database.WriteAsync(
        connection => connection.Execute("UPDATE partitions SET seal_requested = epoch > 0 WHERE stream = $stream", new { stream }),
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<EpochInfo>> ReadEpochsAsync(string stream, CancellationToken cancellationToken) =>
        _remembered.ReadAsync(
            ControlRead.Epochs, stream, 0, connection => StreamReads.ReadEpochs(connection, stream), static epochs => epochs.Count > 0, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long> BeginGenerationAsync(BatchLease lease, GenerationPlan plan, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection => _generations.Begin(connection, lease, plan), WriteEffect.Unseen, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask WriteGenerationAsync(
        BatchLease lease, long generation, PartialKind kind, PartialBatch partials, CancellationToken cancellationToken) =>
        await _database.AppendAsync(
            connection => _generations.Append(connection, generation, kind, partials),
            connection => Generations.RequireWritable(connection, lease, generation, partials.Layout),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<PartialBatch> TakeCarriedAsync(
        BatchLease lease, long generation, PartialKind kind, PartialBatch touched, CancellationToken cancellationToken) => touched.Count == 0
            ? touched
            : await _database
                .WriteAsync(connection => _generations.Take(connection, lease, generation, kind, touched), WriteEffect.Unseen, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask ExchangeCarriedAsync(
        BatchLease lease, long generation, IReadOnlyList<CarriedExchange> exchanges, CancellationToken cancellationToken) => await _database
            .WriteInParallelAsync(
                connection => Generations.RequireWriting(connection, lease, generation),
                [.. exchanges.GroupBy(exchange => _catalog.Find(exchange.Touched.Layout).Id).Select(ofTable =>
                    new Action<DuckDBConnection, GenerationInfo>((connection, info) => _generations.Exchange(connection, info, ofTable)))],
                cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask WriteCorrectionsAsync(
        BatchLease lease, long generation, IReadOnlyList<Correction> corrections, CancellationToken cancellationToken) => await _database.AppendAsync(
            connection => _generations.AppendCorrections(connection, lease.Stream, generation, corrections),
            connection => Generations.RequireWriting(connection, lease, generation),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask WriteRemovedAsync(
        BatchLease lease, long generation, IReadOnlyList<LogPosition> removed, CancellationToken cancellationToken) => await _database
            .WriteAsync(connection => Generations.WriteRemoved(connection, lease, generation, removed), WriteEffect.Unseen, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask TakeRemovedAsync(
        BatchLease lease, long generation, IReadOnlyCollection<LogPosition> positions, CancellationToken cancellationToken) => await _database
            .WriteAsync(connection => Generations.TakeRemoved(connection, lease, generation, positions), WriteEffect.Unseen, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LogPosition>> ReadRemovedAsync(string stream, long generation, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => RemovedEventTable.Read(connection, stream, generation), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<GenerationBasis?> ReadBasisAsync(string stream, long generation, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => GenerationBases.Read(connection, stream, generation), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask ForgetBasesAsync(BatchLease lease, CancellationToken cancellationToken) => await _database.WriteAsync(
        connection =>
        {
            BatchLeases.Require(connection, lease);
            return GenerationBases.RemoveAll(connection, lease.Stream);
        },
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<PartialBatch> ReadAroundAsync(
        PartialLayout view, long generation, PartialKind kind, PartialBatch around, Nearness nearness, CancellationToken cancellationToken) => around.Count == 0
            ? around
            : await _database.ReadAsync(
                connection => CarriedPartials.Read(connection, _catalog.Find(view), generation, kind, around, nearness), cancellationToken)
                .ConfigureAwait(false);

    /// <inheritdoc/>
    public IAsyncEnumerable<PartialBatch> ReadGenerationAsync(
        PartialLayout view, long generation, PartialKind kind, WindowRange range, KeyPiece keys, CancellationToken cancellationToken)
    {
        ViewTable table = _catalog.Find(view);
        return PartialScan.ReadAsync(
            _database,
            table,
            table.BatchName,
            connection =>
            [
                GenerationRows.Filter(connection, view.Stream, generation, table.BatchName), $"kind = {(int)kind}",
                .. SqlLiteral.Overlaps("slice_start", "slice_end", range), .. table.Conditions(keys),
            ],
            cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<PartialBatch> ReadSpeedAsync(
        PartialLayout view, Boundary from, Boundary to, WindowRange range, KeyPiece keys, CancellationToken cancellationToken)
    {
        ViewTable table = _catalog.Find(view);
        return PartialScan.ReadAsync(
            _database,
            table,
            table.SpeedName,
            connection =>
            [
                EpochFilter.Within(StreamReads.ReadEpochs(connection, view.Stream), from, to),
                .. SqlLiteral.Overlaps("slice_start", "slice_end", range), .. table.Conditions(keys),
            ],
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask PublishAsync(BatchLease lease, long generation, Publication publication, CancellationToken cancellationToken) =>
        await _database
            .WriteAsync(connection => _generations.Publish(connection, lease, generation, publication), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask RollBackAsync(BatchLease lease, long generation, CancellationToken cancellationToken) =>
        await _database.WriteAsync(connection => _generations.RollBack(connection, lease, generation), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DiscardAsync(BatchLease lease, long generation, CancellationToken cancellationToken) =>
        await _database.WriteAsync(connection => _generations.Discard(connection, lease, generation), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask RejectAsync(BatchLease lease, long generation, AuditReport report, CancellationToken cancellationToken) =>
        await _database
            .WriteAsync(connection => _generations.Reject(connection, lease, generation, report), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask QuarantineAsync(BatchLease lease, IReadOnlyList<QuarantinedRecord> records, CancellationToken cancellationToken) =>
        await _database.WriteAsync(
            connection =>
            {
                BatchLeases.Require(connection, lease);
                return QuarantineTable.Add(connection, QuarantineTable.BatchLayer, records);
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<int> ForgetQuarantinedAsync(
        BatchLease lease, IReadOnlyCollection<LogPosition> positions, CancellationToken cancellationToken) => await _database.WriteAsync(
            connection =>
            {
                BatchLeases.Require(connection, lease);
                return QuarantineTable.Remove(connection, lease.Stream, positions);
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask ExpireAsync(BatchLease lease, DateTimeOffset before, CancellationToken cancellationToken) =>
        await _database.WriteAsync(connection => _expiry.Run(connection, lease, before), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<ViewSnapshot> ReadViewAsync(ViewRead read, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => _views.Read(connection, read), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StreamCoverage> ReadCoverageAsync(string stream, IReadOnlyList<PartialLayout> views, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => _views.ReadCoverage(connection, stream, views), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StreamStatus?> ReadStreamAsync(string stream, CancellationToken cancellationToken) =>
        _remembered.ReadAsync(
            ControlRead.Status, stream, 0, connection => StreamReads.ReadStatus(connection, stream), static status => status is not null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<GenerationInfo>> ReadGenerationsAsync(string stream, int limit, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => GenerationRows.ReadAll(connection, stream, limit), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<AuditReport>> ReadAuditsAsync(string stream, int limit, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => AuditTable.Read(connection, stream, limit), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<AuditReport?> FindAuditAsync(string stream, long generation, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => AuditTable.Find(connection, stream, generation), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MetricPoint>> ReadMetricAsync(string stream, string metric, int limit, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => MetricTable.Read(connection, stream, metric, limit), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<PublishedCorrection>> ReadCorrectionsAsync(
        PartialLayout view, WindowRange range, int limit, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => CorrectionTable.Read(connection, _catalog.Find(view), range, limit), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<QuarantinePage> ReadQuarantineAsync(
        string stream, QuarantineFilter filter, int limit, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => QuarantineTable.Read(connection, stream, filter, limit), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<QuarantinedRecord?> FindQuarantinedAsync(
        string stream, int partition, long offset, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => QuarantineTable.Find(connection, stream, partition, offset), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
