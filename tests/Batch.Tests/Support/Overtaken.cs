using System.Reflection;

namespace Lambda.Batch.Tests.Support;

/// <summary>Something shared that another process does something to just before a call.</summary>
/// <typeparam name="T">Its interface.</typeparam>
public class Overtaken<T> : DispatchProxy
    where T : class
{
    private T? _target;
    private string? _call;
    private Func<Task>? _other;

    /// <summary>Stands before it.</summary>
    /// <param name="target">What is called.</param>
    /// <param name="call">The name of the call.</param>
    /// <param name="other">What the other process does, before the first such call.</param>
    internal static T Of(T target, string call, Func<Task> other)
    {
        T proxy = Create<T, Overtaken<T>>();
        Overtaken<T> overtaken = (Overtaken<T>)(object)proxy;
        (overtaken._target, overtaken._call, overtaken._other) = (target, call, other);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == _call && _other is { } other)
        {
            _other = null;
            other().GetAwaiter().GetResult();
        }

        return targetMethod.Invoke(_target, BindingFlags.DoNotWrapExceptions, null, args, null);
    }
}
