using System.Reflection;
using System.Runtime.CompilerServices;
using Lambda.Events;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Batch.Tests.Support;

/// <summary>A store in which one key's speed partials of one view stand twice.</summary>
internal sealed class TamperedSpeed(IViewStore store, string view, string key)
{
    public IViewStore Wrap()
    {
        IViewStore proxy = DispatchProxy.Create<IViewStore, TamperingPort>();
        ((TamperingPort)(object)proxy).Set(this);
        return proxy;
    }

    internal object? Call(MethodInfo method, object?[]? args)
    {
        object? result = method.Invoke(store, args);
        return method.Name == nameof(IBatchStore.ReadSpeedAsync) && ((PartialLayout)args![0]!).View == view
            ? DoubleAsync((IAsyncEnumerable<PartialBatch>)result!)
            : result;
    }

    private async IAsyncEnumerable<PartialBatch> DoubleAsync(
        IAsyncEnumerable<PartialBatch> batches, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (PartialBatch batch in batches.WithCancellation(cancellationToken))
        {
            int count = batch.Count;
            for (int row = 0; row < count; row++)
            {
                if (((ColumnBuffer<string>)batch.Keys[0])[row] == key)
                {
                    batch.AddFrom(batch, row);
                }
            }

            yield return batch;
        }
    }
}

/// <summary>Stands before a store.</summary>
public class TamperingPort : DispatchProxy
{
    private TamperedSpeed? _target;

    internal void Set(TamperedSpeed target) => _target = target;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _target!.Call(targetMethod!, args);
}
