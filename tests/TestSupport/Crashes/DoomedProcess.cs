using System.Reflection;

namespace Lambda.TestSupport.Crashes;

/// <summary>
/// A process that crashes at the n-th call of any port it was given: that call takes effect or not, and every later one fails without effect, as of a
/// process that is gone. Calls may come from several threads at once.
/// </summary>
/// <param name="atCall">The number of the call, from 1 on.</param>
/// <param name="moment">Whether that call takes effect.</param>
/// <param name="unharmed">The names of methods that are not counted and never fail.</param>
public sealed class DoomedProcess(int atCall, CrashMoment moment, params string[] unharmed)
{
    private int _calls;

    /// <summary>A process that never crashes.</summary>
    public static DoomedProcess Immortal => new(int.MaxValue, CrashMoment.BeforeCall);

    /// <summary>Whether it has crashed.</summary>
    public bool IsGone => Volatile.Read(ref _calls) >= atCall;

    /// <summary>The port as that process sees it.</summary>
    public T Wrap<T>(T target)
        where T : class
    {
        T proxy = DispatchProxy.Create<T, CrashingPort>();
        ((CrashingPort)(object)proxy).Set(target, this);
        return proxy;
    }

    internal CallFate FateOf(string method)
    {
        if (unharmed.Contains(method))
        {
            return CallFate.Succeeds;
        }

        int call = Interlocked.Increment(ref _calls);
        return call < atCall ? CallFate.Succeeds : call == atCall && moment == CrashMoment.AfterCall ? CallFate.IsLastWithEffect : CallFate.Fails;
    }
}

/// <summary>What becomes of a call.</summary>
internal enum CallFate
{
    Succeeds,
    IsLastWithEffect,
    Fails,
}
