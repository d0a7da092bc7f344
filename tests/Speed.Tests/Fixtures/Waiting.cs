using Xunit;

namespace Lambda.Speed.Tests.Fixtures;

internal static class Waiting
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Waits for what must happen soon; a test that would hang fails instead.</summary>
    public static Task InTime(this Task task) => task.WaitAsync(Patience, Token);

    /// <inheritdoc cref="InTime(Task)"/>
    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Patience, Token);
}

/// <summary>Counts what happens by name, for those who wait until it has happened often enough.</summary>
internal sealed class Milestones
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _counts = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Reach(string what)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _counts[what] = Count(what) + 1;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    public int Count(string what)
    {
        lock (_lock)
        {
            return _counts.GetValueOrDefault(what);
        }
    }

    public bool Reached(string what) => Count(what) > 0;

    public async Task WhenAsync(string what, int times = 1)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (Count(what) >= times)
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.InTime();
        }
    }
}
