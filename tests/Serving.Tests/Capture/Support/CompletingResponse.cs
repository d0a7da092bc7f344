using Microsoft.AspNetCore.Http.Features;

namespace Lambda.Serving.Tests.Capture.Support;

/// <summary>The response of a request without a server: it is complete when the test says so.</summary>
internal sealed class CompletingResponse : HttpResponseFeature
{
    private readonly Stack<(Func<object, Task> Callback, object State)> _onCompleted = new();

    public override void OnCompleted(Func<object, Task> callback, object state) => _onCompleted.Push((callback, state));

    public void Complete()
    {
        while (_onCompleted.TryPop(out (Func<object, Task> Callback, object State) next))
        {
            Task done = next.Callback(next.State);
            Assert.True(done.IsCompletedSuccessfully, "A request had to wait for its event.");
        }
    }
}
