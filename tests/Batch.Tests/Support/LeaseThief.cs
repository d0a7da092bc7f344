using System.Reflection;
using Lambda.Store;

namespace Lambda.Batch.Tests.Support;

/// <summary>Lets a run's lease go to another owner just before the run publishes, as when the run was paused for too long.</summary>
internal sealed class LeaseThief(IViewStore store)
{
    private BatchLease? _held;
    private BatchLease? _stolen;

    public bool HasStolen => _stolen is not null;

    public async Task GiveBackAsync() => await store.ReleaseLeaseAsync(_stolen!, CancellationToken.None);

    public IViewStore Wrap()
    {
        IViewStore proxy = DispatchProxy.Create<IViewStore, StealingPort>();
        ((StealingPort)(object)proxy).Set(store, this);
        return proxy;
    }

    internal object? Call(MethodInfo method, object?[]? args)
    {
        if (method.Name == nameof(IBatchStore.PublishAsync))
        {
            _held = (BatchLease)args![0]!;
            store.ReleaseLeaseAsync(_held, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            _stolen = store.TryAcquireLeaseAsync(_held.Stream, "thief", TimeSpan.FromMinutes(1), CancellationToken.None)
                .AsTask().GetAwaiter().GetResult();
        }

        return method.Invoke(store, args);
    }
}

/// <summary>Stands before a store.</summary>
public class StealingPort : DispatchProxy
{
    private object? _target;
    private LeaseThief? _thief;

    internal void Set(object target, LeaseThief thief)
    {
        _target = target;
        _thief = thief;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        _thief is null ? targetMethod!.Invoke(_target, args) : _thief.Call(targetMethod!, args);
}
