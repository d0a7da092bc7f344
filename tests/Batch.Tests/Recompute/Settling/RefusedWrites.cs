using System.Reflection;
using Lambda.Store;

namespace Lambda.Batch.Tests.Recompute.Settling;

/// <summary>A store that refuses to take partials of a generation from some call on.</summary>
public class RefusedWrites : DispatchProxy
{
    private IViewStore? _target;
    private int _left;

    internal static IViewStore Over(IViewStore target, int taken)
    {
        IViewStore proxy = Create<IViewStore, RefusedWrites>();
        ((RefusedWrites)(object)proxy)._target = target;
        ((RefusedWrites)(object)proxy)._left = taken;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IBatchStore.WriteGenerationAsync) && _left-- <= 0)
        {
            throw new ViewStoreException("The disk is full.");
        }

        return targetMethod.Invoke(_target, args);
    }
}
