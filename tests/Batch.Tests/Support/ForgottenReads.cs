using System.Reflection;
using Lambda.Store;
using Lambda.Views.Partials;

namespace Lambda.Batch.Tests.Support;

/// <summary>A store in which later generations have nothing of what was read of windows that removed events have moved.</summary>
public class ForgottenReads : DispatchProxy
{
    private IViewStore? _store;
    private long _last;

    /// <summary>Stands before a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="last">The last generation that has all.</param>
    internal static IViewStore Of(IViewStore store, long last)
    {
        IViewStore proxy = Create<IViewStore, ForgottenReads>();
        ((ForgottenReads)(object)proxy)._store = store;
        ((ForgottenReads)(object)proxy)._last = last;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name == nameof(IBatchStore.ReadGenerationAsync) && args is [_, long generation, PartialKind.AsRead, ..] && generation > _last
            ? AsyncEnumerable.Empty<PartialBatch>()
            : targetMethod.Invoke(_store, args);
}
