using System.CommandLine;
using System.Net;
using System.Text.Json;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Settings;

namespace Lambda.Hosting.Commands;

/// <summary>Asks a running process whether it does its job, for whoever starts and restarts it.</summary>
internal sealed class HealthCommand(CommandContext context)
{
    /// <summary>More than the answer takes whatever hangs, less than those who ask usually wait.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Option<string?> _parts = new("--parts")
    {
        Description = "The parts to ask for, with commas between, such as store,log; all of the process when it is left out.",
        HelpName = "PARTS",
    };

    public Command Create()
    {
        Command command = new("health",
            "Asks a running process whether its parts do their job. The exit code is 0 when they do, and 1 when one does not or nobody answers. It asks the server "
            + "of --server, or the one that holds the data folder, or the one at the address of setting Urls.");
        command.Options.Add(_parts);
        command.SetAction(RunAsync);
        context.AddExamples(command, "health", "health --server http://127.0.0.1:8081 --parts store,log");
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        HostSettings settings = context.Settings(parsed);
        Uri server = settings.Server ?? OwnerOf(settings) ?? Listening(settings.Address);
        string query = parsed.GetValue(_parts) is { } parts ? $"?parts={Uri.EscapeDataString(parts)}" : "";
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server, Timeout = Patience };
        try
        {
            using HttpResponseMessage response = await http.GetAsync($"health/ready{query}", cancellationToken).ConfigureAwait(false);
            return await TellAsync(response, server, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            string why = error is HttpRequestException ? error.Message : $"no answer within {Patience.TotalSeconds:0} s";
            throw new CommandException($"The server at {server} does not answer: {why}", ExitCodes.Failed, error);
        }
    }

    private async Task<int> TellAsync(HttpResponseMessage response, Uri server, CancellationToken cancellationToken)
    {
        string text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable) || Parse(text) is not { } answer)
        {
            bool isWrongPart = response.StatusCode == HttpStatusCode.BadRequest;
            throw new CommandException(
                isWrongPart && Parse(text) is { } problem && problem.TryGetProperty("detail", out JsonElement detail)
                    ? detail.GetString()!
                    : $"The server at {server} answered {(int)response.StatusCode} to a question for its health. It is none of this program.",
                isWrongPart ? ExitCodes.WrongUsage : ExitCodes.Failed);
        }

        context.Terminal.Line($"{server}: {answer.GetProperty("status").GetString()}");
        foreach (JsonElement part in answer.GetProperty("parts").EnumerateArray())
        {
            Tell(part.GetProperty("part").GetString()!, part);
            foreach (JsonElement item in part.GetProperty("items").EnumerateArray())
            {
                Tell($"{part.GetProperty("part").GetString()} {item.GetProperty("name").GetString()}", item);
            }
        }

        return response.StatusCode == HttpStatusCode.OK ? ExitCodes.Ok : ExitCodes.Failed;
    }

    /// <summary>Says what is not as it should be.</summary>
    private void Tell(string name, JsonElement answer)
    {
        if (answer.GetProperty("reason").GetString() is { } reason)
        {
            context.Terminal.Line($"{name}: {answer.GetProperty("status").GetString()}: {reason}");
        }
    }

    private static JsonElement? Parse(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Where the process answers that has the data folder; null when none has it, or such a process has none.</summary>
    private static Uri? OwnerOf(HostSettings settings) => DataFolder.IsNeeded(settings, PlatformRole.Serve)
        ? FolderOwner.Find(Path.GetFullPath(settings.DataFolder))?.Address
        : null;

    /// <summary>Where a server that listens at an address is reached from this machine.</summary>
    private static Uri Listening(ServerAddress address)
    {
        if (address.Port == 0)
        {
            throw new CommandException("The system chose the port that the server listens at. Say where it is with --server.", ExitCodes.WrongUsage);
        }

        IPAddress host = address.Hosts[0];
        bool isAny = host.Equals(IPAddress.Any) || host.Equals(IPAddress.IPv6Any);
        return new UriBuilder(Uri.UriSchemeHttp, isAny ? "127.0.0.1" : host.ToString(), address.Port).Uri;
    }
}
