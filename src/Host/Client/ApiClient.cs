using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Lambda.Hosting.Commands;

namespace Lambda.Hosting.Client;

/// <summary>The API of a server, in this process or another one; its problems become errors of the command.</summary>
internal sealed class ApiClient(HttpClient http) : IDisposable
{
    /// <summary>Where the server is when it is another process; null when it is this one, and ends with the command.</summary>
    public Uri? Elsewhere { get; init; }

    /// <summary>An answer as JSON.</summary>
    /// <exception cref="CommandException">The server refuses, or does not answer.</exception>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        using HttpResponseMessage response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return await ReadJsonAsync(response, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Copies an answer about a view as it comes.</summary>
    /// <returns>What its headers say of it.</returns>
    /// <exception cref="CommandException">The server refuses, or does not answer.</exception>
    public async Task<AnswerFacts> CopyAsync(string path, Stream destination, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        using HttpResponseMessage response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        byte[] buffer = new byte[64 << 10];
        while (await ReadAsync(response, buffer, cancellationToken).ConfigureAwait(false) is > 0 and int count)
        {
            // What goes wrong here is not the server's fault.
            await destination.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
        }

        bool Says(string header, string value) => response.Headers.TryGetValues(header, out IEnumerable<string>? given) && given.Contains(value);
        return new AnswerFacts(IsTruncated: Says("Lambda-Truncated", "true"), IsIncomplete: Says("Lambda-Complete", "false"));
    }

    /// <summary>Sends an object and gives back what is answered.</summary>
    /// <exception cref="CommandException">The server refuses, or does not answer.</exception>
    public Task<JsonElement> PostAsync<T>(string path, T content, CancellationToken cancellationToken) =>
        PostContentAsync(path, JsonContent.Create(content), cancellationToken);

    /// <summary>Asks for something that the server may refuse, without that being an error of the command.</summary>
    /// <returns>Why it is refused; null when it was done.</returns>
    /// <exception cref="CommandException">The server does not answer, or not to this.</exception>
    public async Task<string?> AskAsync(string path, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path);
        using HttpResponseMessage response = await SendAnywayAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return null;
        }

        CommandException refusal = await RefusalAsync(response, cancellationToken).ConfigureAwait(false);
        return response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.RequestEntityTooLarge
            ? refusal.Message
            : throw refusal;
    }

    /// <summary>Removes what is at a path.</summary>
    /// <exception cref="CommandException">The server refuses, or does not answer.</exception>
    public async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Delete, path);
        using HttpResponseMessage response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends lines of JSON and gives back what is answered.</summary>
    /// <exception cref="CommandException">The server refuses, or does not answer.</exception>
    public Task<JsonElement> PostLinesAsync(string path, ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        ReadOnlyMemoryContent content = new(lines);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        return PostContentAsync(path, content, cancellationToken);
    }

    public void Dispose() => http.Dispose();

    private async Task<JsonElement> PostContentAsync(string path, HttpContent content, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = content };
        using HttpResponseMessage response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return await ReadJsonAsync(response, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await SendAnywayAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await RefusalAsync(response, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whatever is answered.</summary>
    private async Task<HttpResponseMessage> SendAnywayAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException error)
        {
            throw new CommandException(
                $"The server at {http.BaseAddress} does not answer: {error.Message} It may just have stopped; try again.", ExitCodes.Failed, error);
        }
    }

    private async Task<JsonElement> ReadJsonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using JsonDocument document = await JsonDocument.ParseAsync(
                await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), cancellationToken: cancellationToken).ConfigureAwait(false);
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new CommandException(
                $"The server at {http.BaseAddress} answered something that is no JSON. It is none of this program; give --server one that is.", ExitCodes.Failed, error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw BrokenOff(error);
        }
    }

    private async Task<int> ReadAsync(HttpResponseMessage response, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            return await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw BrokenOff(error);
        }
    }

    private CommandException BrokenOff(Exception error) => new(
        $"The answer of the server at {http.BaseAddress} broke off: {error.GetBaseException().Message} It may just have stopped; try again.", ExitCodes.Failed, error);

    private static async Task<CommandException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        string? detail = null;
        try
        {
            using JsonDocument problem = JsonDocument.Parse(text);
            detail = problem.RootElement.ValueKind != JsonValueKind.Object ? null
                : problem.RootElement.TryGetProperty("detail", out JsonElement given) ? given.GetString()
                : response.StatusCode == HttpStatusCode.NotFound ? LacksApi(response)
                : problem.RootElement.TryGetProperty("title", out JsonElement title) ? title.GetString() : null;
        }
        catch (JsonException)
        {
            // Whoever answered is not our server; the status is all there is to say.
        }

        int exitCode = response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound ? ExitCodes.WrongUsage : ExitCodes.Failed;
        return new CommandException(
            detail ?? $"The server answered {(int)response.StatusCode} to {response.RequestMessage?.RequestUri?.PathAndQuery}.", exitCode);
    }

    /// <summary>Whoever has the API tells what it does not find. Where the path is none, the API is not there.</summary>
    private static string LacksApi(HttpResponseMessage response)
    {
        Uri? asked = response.RequestMessage?.RequestUri;
        return $"The server at {asked?.GetLeftPart(UriPartial.Authority)} has no {asked?.AbsolutePath}: it does not run the serving layer. Give --server one "
            + "that does, or leave it out, and the command opens log and store by the settings.";
    }
}
