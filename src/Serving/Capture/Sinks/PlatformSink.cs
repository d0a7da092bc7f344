using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Lambda.Log;

namespace Lambda.Capture.Sinks;

/// <summary>Posts events to a platform's API as NDJSON.</summary>
/// <param name="client">Sends the requests, to addresses below its base address.</param>
internal sealed class PlatformSink(HttpClient client) : ICaptureSink
{
    private static readonly MediaTypeHeaderValue Ndjson = new("application/x-ndjson");

    public ValueTask<SinkAnswer> SendAsync(string stream, RecordBatch events, CancellationToken cancellationToken) =>
        SendAsync(stream, events, 0..events.Count, cancellationToken);

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask<SinkAnswer> SendAsync(string stream, RecordBatch events, Range part, CancellationToken cancellationToken)
    {
        (int first, int count) = part.GetOffsetAndLength(events.Count);
        byte[] body = ArrayPool<byte>.Shared.Rent(events.ByteCount + events.Count);
        try
        {
            using ByteArrayContent content = new(body, 0, Write(events, first, count, body));
            content.Headers.ContentType = Ndjson;
            using HttpResponseMessage response = await client
                .PostAsync(new Uri($"api/streams/{Uri.EscapeDataString(stream)}/events", UriKind.Relative), content, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.Accepted)
            {
                return default;
            }

            string answer = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            if (IsJudgement(response.StatusCode) && ReadRefused(answer) is { Refused: > 0 } refused)
            {
                return refused;
            }

            if (response.StatusCode != HttpStatusCode.RequestEntityTooLarge)
            {
                throw new HttpRequestException(
                    $"{client.BaseAddress} answered {(int)response.StatusCode} to {count} events of stream '{stream}': {Shorten(answer)}", null, response.StatusCode);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
        }

        // The platform takes less at a time than we send.
        if (count == 1)
        {
            return new SinkAnswer(1, $"An event is larger than {client.BaseAddress} takes.");
        }

        SinkAnswer one = await SendAsync(stream, events, first..(first + (count / 2)), cancellationToken).ConfigureAwait(false);
        SinkAnswer other = await SendAsync(stream, events, (first + (count / 2))..(first + count), cancellationToken).ConfigureAwait(false);
        return new SinkAnswer(one.Refused + other.Refused, one.Why ?? other.Why);
    }

    /// <summary>Whether the answer is about the events one by one, and not about the request.</summary>
    private static bool IsJudgement(HttpStatusCode status) =>
        status is HttpStatusCode.MultiStatus or HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge;

    private static int Write(RecordBatch events, int first, int count, Span<byte> body)
    {
        int length = 0;
        for (int i = first; i < first + count; i++)
        {
            ReadOnlySpan<byte> value = events.Value(i);
            value.CopyTo(body[length..]);
            length += value.Length;
            body[length++] = (byte)'\n';
        }

        return length;
    }

    private static SinkAnswer ReadRefused(string answer)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(answer);
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("rejected", out JsonElement rejected)
                || !rejected.TryGetInt32(out int count))
            {
                return default;
            }

            string? why = json.RootElement.TryGetProperty("errors", out JsonElement errors) && errors.ValueKind == JsonValueKind.Array
                ? errors.EnumerateArray().Select(error => error.TryGetProperty("detail", out JsonElement detail) ? detail.GetString() : null).FirstOrDefault()
                : null;
            return new SinkAnswer(count, why);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static string Shorten(string text) => text.Length <= 300 ? text : $"{text.AsSpan(0, 300)}…";
}
