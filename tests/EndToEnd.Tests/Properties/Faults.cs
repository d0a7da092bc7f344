using System.Reflection;

namespace Lambda.EndToEnd.Tests.Properties;

/// <summary>What a crash looks like to the code that was calling.</summary>
internal sealed class InjectedCrashException(string call) : Exception($"Crashed at {call}.");

/// <summary>
/// A process that crashes at the n-th call of any port it was given: that call takes effect or not, and every later one fails without effect, as of a
/// process that is gone.
/// </summary>
internal sealed class DoomedProcess(int atCall, bool takesEffect)
{
    private int _calls;

    public bool IsGone => Volatile.Read(ref _calls) >= atCall;

    /// <summary>A process that never crashes.</summary>
    public static DoomedProcess Immortal => new(int.MaxValue, takesEffect: false);

    /// <summary>The port as that process sees it.</summary>
    public T Wrap<T>(T target)
        where T : class
    {
        T proxy = DispatchProxy.Create<T, CrashingPort>();
        ((CrashingPort)(object)proxy).Set(target, this);
        return proxy;
    }

    internal CallFate Next()
    {
        int call = Interlocked.Increment(ref _calls);
        return call < atCall ? CallFate.Succeeds : call == atCall && takesEffect ? CallFate.IsLastWithEffect : CallFate.Fails;
    }
}

/// <summary>What becomes of a call.</summary>
internal enum CallFate
{
    Succeeds,
    IsLastWithEffect,
    Fails,
}

/// <summary>Stands before a port.</summary>
public class CrashingPort : DispatchProxy
{
    private object? _target;
    private DoomedProcess? _process;

    internal void Set(object target, DoomedProcess process)
    {
        _target = target;
        _process = process;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name is "Describe" or "get_CommitSequence" ? CallFate.Succeeds : _process!.Next())
        {
            case CallFate.Succeeds:
                return targetMethod.Invoke(_target, BindingFlags.DoNotWrapExceptions, null, args, null);
            case CallFate.IsLastWithEffect:
                Complete(targetMethod.Invoke(_target, BindingFlags.DoNotWrapExceptions, null, args, null));
                break;
        }

        throw new InjectedCrashException(targetMethod.Name);
    }

    private static void Complete(object? result)
    {
        Task? task = result switch
        {
            Task started => started,
            ValueTask started => started.AsTask(),
            _ => result?.GetType().GetMethod(nameof(ValueTask.AsTask))?.Invoke(result, null) as Task,
        };
        task?.GetAwaiter().GetResult();
    }
}
