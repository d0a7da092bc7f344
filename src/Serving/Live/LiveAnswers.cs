using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Lambda.Log;
using Lambda.Serving.Answers;
using Lambda.Serving.Queries;
using Lambda.Serving.Requests;
using Lambda.Store;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Lambda.Serving.Live;

/// <summary>
/// Follows answers to queries for as long as somebody listens. An answer is sent when it says something else than the one before, at most once in
/// <see cref="ServingOptions.LiveInterval"/>: the store is asked when it has changed since, and now and then besides, as windows also close by time.
/// </summary>
internal sealed class LiveAnswers(
    ViewQuery query, IViewStore store, TimeProvider time, IOptions<ServingOptions> options, IOptions<JsonOptions> json, IHostApplicationLifetime lifetime)
{
    /// <summary>After how long an answer is looked at without a change of the store, and a listener is sent something: one that is gone is only noticed by that.</summary>
    private static readonly TimeSpan SignOfLifeAfter = TimeSpan.FromSeconds(15);

    private readonly TimeSpan _interval = options.Value.LiveInterval;

    /// <summary>Answers a query, and begins to follow the answer.</summary>
    /// <returns>The events that are sent: an <c>answer</c> first, then each time it changes; <c>problem</c> while there is none; <c>alive</c>.</returns>
    /// <exception cref="ViewStoreException">The store cannot be read.</exception>
    /// <exception cref="RequestException">Its windows have too many parts.</exception>
    public async Task<IAsyncEnumerable<SseItem<object>>> FollowAsync(ViewRequest request, CancellationToken cancellationToken)
    {
        long sequence = store.CommitSequence;
        ViewAnswer first = await query.RunAsync(request, cancellationToken).ConfigureAwait(false);
        return EventsAsync(request, first, sequence, cancellationToken);
    }

    private async IAsyncEnumerable<SseItem<object>> EventsAsync(
        ViewRequest request, ViewAnswer first, long sequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        using PeriodicTimer ticks = new(_interval, time);
        byte[] said = WhatItSays(first);
        bool fails = false;
        long lastSign = time.GetTimestamp();
        long lastLook = lastSign;
        yield return new SseItem<object>(first, "answer");
        while (await NextAsync(ticks, over.Token).ConfigureAwait(false))
        {
            SseItem<object>? item = null;
            long now = store.CommitSequence;
            if (now != sequence || fails || time.GetElapsedTime(lastLook) >= SignOfLifeAfter)
            {
                sequence = now;
                lastLook = time.GetTimestamp();
                (ViewAnswer? answer, string? problem) = await TryRunAsync(request, over.Token).ConfigureAwait(false);
                if (answer is not null && WhatItSays(answer) is var says && (fails || !says.AsSpan().SequenceEqual(said)))
                {
                    said = says;
                    item = new SseItem<object>(answer, "answer");
                }
                else if (problem is not null && !fails)
                {
                    item = new SseItem<object>(new LiveProblem(problem), "problem");
                }

                fails = problem is not null;
            }

            if (item is null && time.GetElapsedTime(lastSign) >= SignOfLifeAfter)
            {
                item = new SseItem<object>(new LiveSign(time.GetUtcNow()), "alive");
            }

            if (item is { } sent)
            {
                lastSign = time.GetTimestamp();
                yield return sent;
            }
        }
    }

    /// <summary>False when nobody listens any more, or the application stops: it waits for no listener.</summary>
    private static async ValueTask<bool> NextAsync(PeriodicTimer ticks, CancellationToken over)
    {
        try
        {
            return await ticks.WaitForNextTickAsync(over).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async ValueTask<(ViewAnswer? Answer, string? Problem)> TryRunAsync(ViewRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return (await query.RunAsync(request, cancellationToken).ConfigureAwait(false), null);
        }
        catch (Exception problem) when (problem is ViewStoreException or EventLogException or AggregatorException or RequestException)
        {
            return (null, problem.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return (null, null);
        }
    }

    /// <summary>An answer without what changes with every event of its stream, whether or not that is among those asked for.</summary>
    private byte[] WhatItSays(ViewAnswer answer) => JsonSerializer.SerializeToUtf8Bytes(
        answer with { Lag = null, Watermark = null, Freshness = new FreshnessAnswer(null, null) }, json.Value.SerializerOptions);
}

/// <summary>Why an answer cannot be followed for now.</summary>
/// <param name="Detail">What is wrong.</param>
internal sealed record LiveProblem(string Detail);

/// <summary>Nothing has changed.</summary>
/// <param name="At">Up to when.</param>
internal sealed record LiveSign(DateTimeOffset At);
