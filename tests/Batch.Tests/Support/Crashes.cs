using Lambda.Store;
using Lambda.TestSupport.Crashes;

namespace Lambda.Batch.Tests.Support;

/// <summary>Processes of the batch layer that crash.</summary>
internal static class Crashes
{
    /// <summary>A process that crashes at a call. The lease of one that is gone runs out; that it is given back stands for that, so that the test need not wait.</summary>
    /// <param name="call">The number of the call, from 1 on.</param>
    /// <param name="moment">Whether that call takes effect.</param>
    public static DoomedProcess At(int call, CrashMoment moment) => new(call, moment, unharmed: nameof(IBatchStore.ReleaseLeaseAsync));
}
