using DuckDB.NET.Data;

namespace Lambda.Batch.Audit.Data;

/// <summary>
/// Engines for audits, each for one at a time. One that has served is kept for the next audit: to open another takes tens of milliseconds, a fifth of what a run
/// over a few new events takes.
/// </summary>
internal sealed class AuditEngines : IDisposable
{
    private readonly Lock _gate = new();

    /// <summary>Open and used by nobody, if there is one; none once this is disposed of.</summary>
    private AuditEngine? _idle;
    private bool _isDisposed;

    /// <summary>Takes an engine for an audit, which is begun.</summary>
    public async Task<AuditEngine> TakeAsync(CancellationToken cancellationToken)
    {
        AuditEngine engine = TakeIdle() ?? await AuditEngine.OpenAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await engine.BeginAsync(cancellationToken).ConfigureAwait(false);
            return engine;
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    /// <summary>Gives an engine back whose audit is over. One on which a statement has failed is to be disposed of instead: nobody knows what state it is in.</summary>
    public async Task GiveBackAsync(AuditEngine engine)
    {
        try
        {
            await engine.EndAsync().ConfigureAwait(false);
        }
        catch (DuckDBException)
        {
            // What is broken is replaced when the next audit needs it.
            engine.Dispose();
            return;
        }

        // After an audit that has spilled, opening another is nothing beside it, and its folder is not to stay.
        if (engine.HasSpilled || !TryKeep(engine))
        {
            engine.Dispose();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _idle?.Dispose();
            _idle = null;
        }
    }

    private AuditEngine? TakeIdle()
    {
        lock (_gate)
        {
            (AuditEngine? idle, _idle) = (_idle, null);
            return idle;
        }
    }

    private bool TryKeep(AuditEngine engine)
    {
        lock (_gate)
        {
            if (_isDisposed || _idle is not null)
            {
                return false;
            }

            _idle = engine;
            return true;
        }
    }
}
