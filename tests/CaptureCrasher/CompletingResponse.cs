using Microsoft.AspNetCore.Http.Features;

namespace Lambda.CaptureCrasher;

/// <summary>A response without a server, which is complete when the program says so.</summary>
internal sealed class CompletingResponse : HttpResponseFeature
{
    private readonly Stack<(Func<object, Task> Callback, object State)> _onCompleted = new();

    public override void OnCompleted(Func<object, Task> callback, object state) => _onCompleted.Push((callback, state));

    public async Task CompleteAsync()
    {
        while (_onCompleted.TryPop(out (Func<object, Task> Callback, object State) next))
        {
            await next.Callback(next.State);
        }
    }
}
