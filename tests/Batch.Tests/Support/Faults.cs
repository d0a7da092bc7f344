using System.Reflection;

namespace Lambda.Batch.Tests.Support;

/// <summary>What a crash looks like to the code that was calling.</summary>
internal sealed class InjectedCrashException(string call) : Exception($"Injected at {call}.");

/// <summary>When a call in the middle of a crash takes effect.</summary>
public enum CrashMoment
{
    BeforeCall,
    AfterCall,
}

/// <summary>Crashes at the n-th call of any of the ports that it wraps; every later call fails too, as of a process that is gone.</summary>
internal sealed class CrashPlan(int atCall, CrashMoment moment)
{
    private int _calls;

    public bool Crashed => _calls >= atCall;

    public bool Happens(out bool takesEffect)
    {
        int call = Interlocked.Increment(ref _calls);
        takesEffect = call == atCall && moment == CrashMoment.AfterCall;
        return call >= atCall;
    }

    /// <summary>The port with crashes.</summary>
    public T Wrap<T>(T target)
        where T : class
    {
        T proxy = DispatchProxy.Create<T, CrashingPort>();
        ((CrashingPort)(object)proxy).Set(target, this);
        return proxy;
    }
}

/// <summary>Stands before a port.</summary>
public class CrashingPort : DispatchProxy
{
    private object? _target;
    private CrashPlan? _plan;

    internal void Set(object target, CrashPlan plan)
    {
        _target = target;
        _plan = plan;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        // A lease whose owner is gone runs out; giving it back stands for that, so that the test need not wait.
        if (targetMethod!.Name is "Dispose" or "ReleaseLeaseAsync")
        {
            return targetMethod.Invoke(_target, args);
        }

        if (!_plan!.Happens(out bool takesEffect))
        {
            return targetMethod.Invoke(_target, args);
        }

        if (takesEffect)
        {
            Complete(targetMethod.Invoke(_target, args));
        }

        throw new InjectedCrashException(targetMethod.Name);
    }

    private static void Complete(object? result)
    {
        if (result is ValueTask task)
        {
            task.AsTask().GetAwaiter().GetResult();
        }
        else if (result?.GetType().GetMethod(nameof(ValueTask.AsTask)) is { } asTask)
        {
            ((Task)asTask.Invoke(result, null)!).GetAwaiter().GetResult();
        }
    }
}
