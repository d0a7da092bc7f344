using System.Reflection;

namespace Lambda.TestSupport.Crashes;

/// <summary>Stands before a port of a process that is to crash. Public and open to derivation because <see cref="DispatchProxy"/> derives from it.</summary>
public class CrashingPort : DispatchProxy
{
    private object? _target;
    private DoomedProcess? _process;

    internal void Set(object target, DoomedProcess process)
    {
        _target = target;
        _process = process;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (IsHarmless(targetMethod!) ? CallFate.Succeeds : _process!.FateOf(targetMethod!.Name))
        {
            case CallFate.Succeeds:
                return targetMethod!.Invoke(_target, BindingFlags.DoNotWrapExceptions, null, args, null);
            case CallFate.IsLastWithEffect:
                Complete(targetMethod!.Invoke(_target, BindingFlags.DoNotWrapExceptions, null, args, null));
                break;
        }

        throw new InjectedCrashException(targetMethod!.Name);
    }

    /// <summary>Whether a call neither reads nor writes anything beyond the process: disposal, and what is answered at once.</summary>
    private static bool IsHarmless(MethodInfo method) => method.Name is nameof(IDisposable.Dispose) or "Describe" or "get_CommitSequence";

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
