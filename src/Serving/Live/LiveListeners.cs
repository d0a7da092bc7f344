using Lambda.Serving.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Lambda.Serving.Live;

/// <summary>Who follows an answer: no more at once than may.</summary>
internal sealed class LiveListeners(IOptions<ServingOptions> options)
{
    private readonly int _most = options.Value.MaxListeners;
    private int _count;

    /// <summary>Lets one more listen, until the result is disposed of.</summary>
    /// <exception cref="RequestException">As many listen as may.</exception>
    public IDisposable Enter()
    {
        if (Interlocked.Increment(ref _count) <= _most)
        {
            return new Place(this);
        }

        Interlocked.Decrement(ref _count);
        throw new RequestException(
            StatusCodes.Status503ServiceUnavailable,
            "Too many listen.",
            $"As many answers are followed as this server lets ({_most}). Try again later, or ask for the answer itself now and then.");
    }

    private sealed class Place(LiveListeners listeners) : IDisposable
    {
        private int _isLeft;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isLeft, 1) == 0)
            {
                Interlocked.Decrement(ref listeners._count);
            }
        }
    }
}
