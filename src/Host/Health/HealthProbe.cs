using System.Globalization;
using Lambda.Health;

namespace Lambda.Hosting.Health;

/// <summary>
/// Asks one part how it is, and answers within <see cref="Limit"/> whatever the part does. While a question has no answer, those who come later wait for
/// the same one, so that a part that hangs does not collect questions.
/// </summary>
internal sealed class HealthProbe(IHealthSource source, TimeProvider time)
{
    /// <summary>How long an answer may take.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Task<PartHealth>? _answer;
    private long _asked;

    /// <summary>The name of the part.</summary>
    public string Part => source.Part;

    /// <summary>How the part is.</summary>
    /// <exception cref="OperationCanceledException">Nobody waits for the answer any more.</exception>
    public async Task<PartHealth> AskAsync(CancellationToken cancellationToken)
    {
        (Task<PartHealth> answer, long asked) = Question();
        try
        {
            return await answer.WaitAsync(Limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return PartHealth.NotReady(string.Create(
                CultureInfo.InvariantCulture, $"It has not answered for {time.GetElapsedTime(asked).TotalSeconds:F0} s."));
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            return PartHealth.NotReady(error.Message);
        }
    }

    private (Task<PartHealth> Answer, long Asked) Question()
    {
        lock (_lock)
        {
            if (_answer is null || _answer.IsCompleted)
            {
                _asked = time.GetTimestamp();
                _answer = Task.Run(CheckAsync);
            }

            return (_answer, _asked);
        }
    }

    private async Task<PartHealth> CheckAsync()
    {
        using CancellationTokenSource limit = new(Limit, time);
        return await source.CheckAsync(limit.Token).ConfigureAwait(false);
    }
}
