using Dapper;
using Lambda.Log;
using Lambda.Store.Postgres.Batch;
using Lambda.Store.Postgres.Database;
using Lambda.Store.Postgres.Retention;
using Lambda.Store.Postgres.Streams;
using Lambda.Store.Postgres.Tables;
using Lambda.Store.Relational;
using Lambda.Views;
using Lambda.Views.Partials;
using Npgsql;

namespace Lambda.Store.Postgres;

/// <summary>A view store in one schema of a PostgreSQL database, which any number of processes on any number of machines share.</summary>
/// <remarks>
/// Claims, numbers and keys are as in the embedded store. A view version is computed where the owner of a partition is a process that has registered it
/// (see <see cref="Coverage"/>), so that programs with different definitions can run side by side.
/// </remarks>
internal sealed class PostgresViewStore : IViewStore
{
    private readonly PostgresDatabase _database;
    private readonly ChangeWatch _watch;
    private readonly ViewCatalog _catalog = new();
    private readonly SpeedCommits _speed;
    private readonly BatchLeases _leases;
    private readonly Generations _generations;
    private readonly Editions _editions;
    private readonly Expiry _expiry;
    private readonly StoreClock _clock;
    private readonly ViewReads _views;

    private PostgresViewStore(PostgresDatabase database, ChangeWatch watch, StoreClock clock, int pieceSize)
    {
        _database = database;
        _watch = watch;
        _speed = new SpeedCommits(_catalog, clock, pieceSize);
        _leases = new BatchLeases(clock);
        _generations = new Generations(_catalog, clock);
        _editions = new Editions(_catalog, clock);
        _expiry = new Expiry(clock);
        _clock = clock;
        _views = new ViewReads(_catalog);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Rises at once with changes of this process, and with those of others as soon as they are noticed, at most <see cref="ChangeWatch.Interval"/> later
    /// and the time of a query. A change of this process may be noticed once more in this way.
    /// </remarks>
    public long CommitSequence => _database.Commits + _watch.Noticed;

    /// <summary>Connects to the store, creates it when there is none, and brings an older one up to date.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="time">The system's clock, in place of which the database's is taken, or one that is set by hand.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ViewStoreException">
    /// The server cannot be reached, refuses the role or the database, or a newer version of the program has written the schema.
    /// </exception>
    public static async Task<PostgresViewStore> OpenAsync(PostgresStoreOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        PostgresDatabase database = await PostgresDatabase.OpenAsync(options, cancellationToken).ConfigureAwait(false);
        try
        {
            return new PostgresViewStore(
                database, await ChangeWatch.BeginAsync(database, time, cancellationToken).ConfigureAwait(false), new StoreClock(time), options.PieceSize);
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask RegisterAsync(StreamRegistration registration, CancellationToken cancellationToken) => _catalog.Remember(
        registration.Stream,
        await _database.WritePatientlyAsync(connection => Registrations.RegisterAsync(connection, registration), cancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public async ValueTask AcceptGapAsync(LogGap gap, CancellationToken cancellationToken)
    {
        if (gap.Offsets.IsEmpty)
        {
            throw new ArgumentException($"The range {gap.Offsets} is empty, so nothing is missing.", nameof(gap));
        }

        await _database.WriteAsync(connection => GapTable.AddAsync(connection, gap, _clock), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LogGap>> ReadGapsAsync(string stream, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => GapTable.ReadAsync(connection, stream), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> GrowAsync(string stream, int partitions, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection => StreamGrowth.GrowAsync(connection, stream, partitions), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<PartitionClaim> ClaimAsync(string stream, int partition, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection => _speed.ClaimAsync(connection, stream, partition), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<PartialBatch> ReadLiveSessionsAsync(
        PartialLayout view, string lane, int partition, LiveSessionBound bound, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => _speed.ReadLiveSessionsAsync(connection, view, lane, partition, bound), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<bool> IndexAsync(PartialLayout view, string lane, int partition, CancellationToken cancellationToken) =>
        await _database.WriteAsync(connection => _speed.IndexAsync(connection, view, lane, partition), cancellationToken).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public ValueTask<SealRequest> CommitAsync(SpeedCommit commit, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection => _speed.CommitAsync(connection, commit), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SealRequest> ReadSealRequestAsync(string stream, int partition, CancellationToken cancellationToken) => _database.ReadAsync(
        async connection => (await PartitionRows.ReadAsync(connection, stream, partition, _clock).ConfigureAwait(false)).SealRequest,
        cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<EditionInfo>> ReadEditionsAsync(string stream, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => Editions.ReadAsync(connection, stream), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> BeginReplayAsync(
        string stream, IReadOnlyList<PartialLayout> views, Boundary archivedTo, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection => _editions.BeginAsync(connection, stream, views, archivedTo), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<FollowBound> ReadFollowBoundAsync(string stream, int partition, long from, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => Editions.ReadBoundAsync(connection, stream, partition, from), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask HoldAsync(BatchLease lease, TimeSpan duration, CancellationToken cancellationToken) => await UnderAsync(
        lease, connection => _editions.HoldAsync(connection, lease, duration), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask PromoteAsync(BatchLease lease, int edition, IReadOnlyList<PartialLayout> views, CancellationToken cancellationToken) =>
        await UnderAsync(lease, connection => _editions.PromoteAsync(connection, lease, edition, views), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DropEditionAsync(string stream, int edition, CancellationToken cancellationToken) =>
        await _database.WritePatientlyAsync(connection => Editions.DropAsync(connection, stream, edition), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<BatchLease?> TryAcquireLeaseAsync(string stream, string owner, TimeSpan duration, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection => _leases.TryAcquireAsync(connection, stream, owner, duration), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask RenewLeaseAsync(BatchLease lease, TimeSpan duration, CancellationToken cancellationToken) =>
        await _database.WriteAsync(connection => _leases.RenewAsync(connection, lease, duration), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask ReleaseLeaseAsync(BatchLease lease, CancellationToken cancellationToken) => await _database
        .WriteAsync(async connection => await BatchLeases.ReleaseAsync(connection, lease).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask RequestSealAsync(string stream, CancellationToken cancellationToken) => await _database.WriteAsync(
        async connection =>
        {
            await PartitionRows.LockAllAsync(connection, stream).ConfigureAwait(false);
            return await connection.ExecuteAsync("UPDATE partitions SET seal_requested = epoch > 0 WHERE stream = @stream", new { stream })
                .ConfigureAwait(false);
        },
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<EpochInfo>> ReadEpochsAsync(string stream, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => StreamReads.ReadEpochsAsync(connection, stream), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long> BeginGenerationAsync(BatchLease lease, GenerationPlan plan, CancellationToken cancellationToken) =>
        UnderAsync(lease, connection => _generations.BeginAsync(connection, lease, plan), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask WriteGenerationAsync(
        BatchLease lease, long generation, PartialKind kind, PartialBatch partials, CancellationToken cancellationToken) => await UnderAsync(
            lease, connection => _generations.WriteAsync(connection, lease, generation, kind, partials), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<PartialBatch> TakeCarriedAsync(
        BatchLease lease, long generation, PartialKind kind, PartialBatch touched, CancellationToken cancellationToken) => touched.Count == 0
            ? touched
            : await UnderAsync(lease, connection => _generations.TakeAsync(connection, lease, generation, kind, touched), cancellationToken)
                .ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask ExchangeCarriedAsync(
        BatchLease lease, long generation, IReadOnlyList<CarriedExchange> exchanges, CancellationToken cancellationToken) => await UnderAsync(
            lease, connection => _generations.ExchangeAsync(connection, lease, generation, exchanges), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask WriteCorrectionsAsync(
        BatchLease lease, long generation, IReadOnlyList<Correction> corrections, CancellationToken cancellationToken) => await UnderAsync(
            lease, connection => _generations.WriteCorrectionsAsync(connection, lease, generation, corrections), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask WriteRemovedAsync(
        BatchLease lease, long generation, IReadOnlyList<LogPosition> removed, CancellationToken cancellationToken) => await UnderAsync(
            lease, connection => Generations.WriteRemovedAsync(connection, lease, generation, removed), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask TakeRemovedAsync(
        BatchLease lease, long generation, IReadOnlyCollection<LogPosition> positions, CancellationToken cancellationToken) => await UnderAsync(
            lease, connection => Generations.TakeRemovedAsync(connection, lease, generation, positions), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LogPosition>> ReadRemovedAsync(string stream, long generation, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => RemovedEventTable.ReadAsync(connection, stream, generation), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<GenerationBasis?> ReadBasisAsync(string stream, long generation, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => GenerationBases.ReadAsync(connection, stream, generation), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask ForgetBasesAsync(BatchLease lease, CancellationToken cancellationToken) => await UnderAsync(
        lease, connection => GenerationBases.RemoveAllAsync(connection, lease.Stream), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <remarks>A transaction that may write, as the partials to read around are staged.</remarks>
    public async ValueTask<PartialBatch> ReadAroundAsync(
        PartialLayout view, long generation, PartialKind kind, PartialBatch around, Nearness nearness, CancellationToken cancellationToken) => around.Count == 0
            ? around
            : await _database.WritePatientlyAsync(
                async connection => await CarriedPartials.ReadAsync(
                    connection, await _catalog.FindAsync(connection, view).ConfigureAwait(false), generation, kind, around, nearness).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public IAsyncEnumerable<PartialBatch> ReadGenerationAsync(
        PartialLayout view, long generation, PartialKind kind, WindowRange range, KeyPiece keys, CancellationToken cancellationToken) => PartialScan.ReadAsync(
            _database,
            async connection =>
            {
                ViewTable table = await _catalog.FindAsync(connection, view).ConfigureAwait(false);
                string filter = await GenerationRows.FilterAsync(connection, view.Stream, generation, table.BatchName).ConfigureAwait(false);
                return (table, table.BatchName, PartialFilter.Of($"{filter} AND kind = {(int)kind}").Overlaps(range).Has(keys));
            },
            cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<PartialBatch> ReadSpeedAsync(
        PartialLayout view, Boundary from, Boundary to, WindowRange range, KeyPiece keys, CancellationToken cancellationToken) => PartialScan.ReadAsync(
            _database,
            async connection =>
            {
                ViewTable table = await _catalog.FindAsync(connection, view).ConfigureAwait(false);
                IReadOnlyList<EpochInfo> epochs = await StreamReads.ReadEpochsAsync(connection, view.Stream).ConfigureAwait(false);
                return (table, table.SpeedName, PartialFilter.Of(EpochFilter.Within(epochs, from, to)).Overlaps(range).LiesBesideOverlapping(range).Has(keys));
            },
            cancellationToken);

    /// <inheritdoc/>
    public async ValueTask PublishAsync(BatchLease lease, long generation, Publication publication, CancellationToken cancellationToken) =>
        await UnderAsync(lease, connection => _generations.PublishAsync(connection, lease, generation, publication), cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask RollBackAsync(BatchLease lease, long generation, CancellationToken cancellationToken) => await UnderAsync(
        lease, connection => _generations.RollBackAsync(connection, lease, generation), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DiscardAsync(BatchLease lease, long generation, CancellationToken cancellationToken) => await UnderAsync(
        lease, connection => Generations.DiscardAsync(connection, lease, generation), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask RejectAsync(BatchLease lease, long generation, AuditReport report, CancellationToken cancellationToken) =>
        await UnderAsync(lease, connection => _generations.RejectAsync(connection, lease, generation, report), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask QuarantineAsync(BatchLease lease, IReadOnlyList<QuarantinedRecord> records, CancellationToken cancellationToken) =>
        await UnderAsync(
            lease,
            async connection =>
            {
                await QuarantineTable.AddAsync(connection, QuarantineTable.BatchLayer, records).ConfigureAwait(false);
                return records.Count;
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<int> ForgetQuarantinedAsync(BatchLease lease, IReadOnlyCollection<LogPosition> positions, CancellationToken cancellationToken) =>
        UnderAsync(lease, connection => QuarantineTable.RemoveAsync(connection, lease.Stream, positions), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask ExpireAsync(BatchLease lease, DateTimeOffset before, CancellationToken cancellationToken) =>
        await UnderAsync(lease, connection => _expiry.RunAsync(connection, lease, before), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<ViewSnapshot> ReadViewAsync(ViewRead read, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => _views.ReadAsync(connection, read), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StreamCoverage> ReadCoverageAsync(string stream, IReadOnlyList<PartialLayout> views, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => _views.ReadCoverageAsync(connection, stream, views), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StreamStatus?> ReadStreamAsync(string stream, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => StreamReads.ReadStatusAsync(connection, stream), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<GenerationInfo>> ReadGenerationsAsync(string stream, int limit, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => GenerationRows.ReadAllAsync(connection, stream, limit), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<AuditReport>> ReadAuditsAsync(string stream, int limit, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => AuditTable.ReadAsync(connection, stream, limit), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<AuditReport?> FindAuditAsync(string stream, long generation, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => AuditTable.FindAsync(connection, stream, generation), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MetricPoint>> ReadMetricAsync(string stream, string metric, int limit, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => MetricTable.ReadAsync(connection, stream, metric, limit), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<PublishedCorrection>> ReadCorrectionsAsync(
        PartialLayout view, WindowRange range, int limit, CancellationToken cancellationToken) => _database.ReadAsync(
            async connection => await CorrectionTable
                .ReadAsync(connection, await _catalog.FindAsync(connection, view).ConfigureAwait(false), range, limit).ConfigureAwait(false),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<QuarantinePage> ReadQuarantineAsync(string stream, QuarantineFilter filter, int limit, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => QuarantineTable.ReadAsync(connection, stream, filter, limit), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<QuarantinedRecord?> FindQuarantinedAsync(string stream, int partition, long offset, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => QuarantineTable.FindAsync(connection, stream, partition, offset), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync().ConfigureAwait(false);
        await _database.DisposeAsync().ConfigureAwait(false);
    }

    private ValueTask<T> UnderAsync<T>(BatchLease lease, Func<NpgsqlConnection, ValueTask<T>> work, CancellationToken cancellationToken) =>
        _database.WritePatientlyAsync(connection => BatchLeases.UnderAsync(connection, lease, () => work(connection)), cancellationToken);
}
