using System.Collections.Concurrent;
using System.Data.Common;
using Hangfire;
using Hangfire.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Telemetry;
using Lambda.Jobs;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lambda.Batch.Jobs.Runs;

/// <summary>
/// The runs that are known, kept where jobs are kept: every process that shares the job storage sees all of them. Safe for use by several threads at once.
/// </summary>
/// <remarks>
/// What cannot be noted is logged, and changes nothing for the run: whether a generation serves must not depend on whether that could be written down here.
/// </remarks>
internal sealed class StoredRuns(JobStorage storage, TimeProvider time, ILogger<StoredRuns> logger)
{
    private const int RememberedPerStream = 50;
    private const int MostLogLines = 500;
    private const int Attempts = 3;
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(7);

    /// <summary>Progress is for people to look at; more often than this nobody sees a difference.</summary>
    private static readonly TimeSpan BetweenReports = TimeSpan.FromMilliseconds(500);

    /// <summary>Per run of this process that is at work, what was noted last, and when by the clock that never jumps.</summary>
    private readonly ConcurrentDictionary<string, (string Step, long At)> _noted = new(StringComparer.Ordinal);

    /// <summary>Notes a run that waits to be started; one that has begun meanwhile stays as it is.</summary>
    public void Queue(string runId, string stream) => Write(runId, transaction =>
    {
        Set(transaction, runId, RunFields.Asked(stream, time.GetUtcNow()));
        List(transaction, runId, stream);
    });

    /// <summary>Notes that a run is at work.</summary>
    public void Begin(string runId, string stream) => Write(runId, transaction =>
    {
        Set(transaction, runId, RunFields.Begun(stream, time.GetUtcNow()));
        Log(transaction, runId, $"begun on {Environment.MachineName}, process {Environment.ProcessId}");
        List(transaction, runId, stream);
    });

    /// <summary>Notes where a run that has begun stands.</summary>
    public void Report(string runId, RunProgress progress)
    {
        bool isKnown = _noted.TryGetValue(runId, out (string Step, long At) last);
        bool isNewStep = !isKnown || last.Step != progress.Step;
        if (!isNewStep && time.GetElapsedTime(last.At) < BetweenReports)
        {
            return;
        }

        _noted[runId] = (progress.Step, time.GetTimestamp());
        Write(runId, transaction =>
        {
            Set(transaction, runId, RunFields.Of(progress));
            if (isNewStep)
            {
                Log(transaction, runId, progress.Step);
            }
        });
    }

    /// <summary>Notes that a run at work is to end, which it does at its next step.</summary>
    public void NoteCancelling(string runId) => Write(runId, transaction => Log(transaction, runId, "asked to end"));

    /// <summary>Notes how a run ended that came to no result.</summary>
    public void End(string runId, BatchRunState state, string message) => End(runId, RunFields.Ended(state, message, time.GetUtcNow()), message);

    /// <summary>Notes how a run ended.</summary>
    public void End(string runId, BatchRunState state, RunResult result) => End(runId, RunFields.Ended(state, result, time.GetUtcNow()), result.Message);

    /// <summary>Forgets a run that had nothing to do: schedules make many of them.</summary>
    public void Forget(string runId, string stream)
    {
        _noted.TryRemove(runId, out _);
        Write(runId, transaction =>
        {
            transaction.RemoveHash(Key(runId));
            transaction.RemoveFromList(ListKey(stream), runId);
        });
    }

    /// <summary>A run with its log; null when it is not known.</summary>
    public BatchRunStatus? Find(string runId)
    {
        using JobStorageConnection connection = Connect();
        return RunFields.Read(runId, connection.GetAllEntriesFromHash(Key(runId))) is { } status
            ? status with { Log = [.. connection.GetAllItemsFromList(LogKey(runId)).AsEnumerable().Reverse().Select(RunFields.ReadLine)] }
            : null;
    }

    /// <summary>The runs of a stream, newest first.</summary>
    public IReadOnlyList<BatchRunStatus> Recent(string stream, int limit)
    {
        using JobStorageConnection connection = Connect();
        return
        [
            .. connection.GetAllItemsFromList(ListKey(stream))
                .Distinct(StringComparer.Ordinal)
                .Select(runId => RunFields.Read(runId, connection.GetAllEntriesFromHash(Key(runId))))
                .OfType<BatchRunStatus>()
                .Select(run => run with { Rehearsal = null })
                .Take(limit),
        ];
    }

    private void End(string runId, Dictionary<string, string> fields, string message)
    {
        _noted.TryRemove(runId, out _);
        Write(runId, transaction =>
        {
            Set(transaction, runId, fields);
            Log(transaction, runId, message);
        });
    }

    private JobStorageConnection Connect() => (JobStorageConnection)storage.GetConnection();

    private void Write(string runId, Action<JobStorageTransaction> write)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                using JobStorageConnection connection = Connect();
                using JobStorageTransaction transaction = (JobStorageTransaction)connection.CreateWriteTransaction();
                write(transaction);
                transaction.Commit();
                return;
            }
            catch (DbException error) when (attempt < Attempts && IsOvertaken(error))
            {
                // Nothing was written, and what the other one wrote is there now.
            }
            catch (Exception error)
            {
                BatchLog.RunNotNoted(logger, error, runId);
                return;
            }
        }
    }

    /// <summary>
    /// Who asks for a run notes it while a worker begins it already. Hangfire updates a field of a hash or inserts it when it was not there, so the second
    /// of two who note one for the first time violates its key.
    /// </summary>
    private static bool IsOvertaken(DbException error) =>
        error.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected;

    private static void Set(JobStorageTransaction transaction, string runId, Dictionary<string, string> fields)
    {
        transaction.SetRangeInHash(Key(runId), fields);
        transaction.ExpireHash(Key(runId), Remembered);
    }

    private void Log(JobStorageTransaction transaction, string runId, string text)
    {
        transaction.InsertToList(LogKey(runId), RunFields.Line(time.GetUtcNow(), text));
        transaction.TrimList(LogKey(runId), 0, MostLogLines - 1);
        transaction.ExpireList(LogKey(runId), Remembered);
    }

    private static void List(JobStorageTransaction transaction, string runId, string stream)
    {
        // A run stands in the list twice, once for having been asked for and once for having begun.
        transaction.InsertToList(ListKey(stream), runId);
        transaction.TrimList(ListKey(stream), 0, (2 * RememberedPerStream) - 1);
    }

    private static string Key(string runId) => $"lambda:run:{runId}";

    private static string LogKey(string runId) => $"lambda:run-log:{runId}";

    private static string ListKey(string stream) => $"lambda:runs:{stream.ToLowerInvariant()}";
}
