using System.CommandLine;
using System.Text.Json;
using Lambda.Hosting.Client;
using Lambda.Hosting.Output;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>Replays streams through the speed layer.</summary>
internal sealed class ReplayCommand(CommandContext context)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    private readonly Option<string?> _stream = new("--stream", "-s")
    {
        Description = "The stream. Not needed when the application has one.",
        HelpName = "STREAM",
    };

    private readonly Option<bool> _detach = new("--detach") { Description = "Do not wait until it is complete." };

    private readonly Argument<int> _replay = new("N") { Description = "The replay, one of those that 'replay list' shows." };

    public Command Create()
    {
        Command start = new("start",
            "Has the speed layer compute the stream's views anew as they are declared now, from where the stream begins: from the history, and behind its end from the log. "
            + "What answers goes on to.");
        start.Options.Add(_detach);
        start.SetAction(StartAsync);
        Command list = new("list", "Lists the replays of a stream, what answers among them, and how far they have come.");
        list.SetAction(ListAsync);
        Command promote = new("promote",
            "Has a complete replay answer, at once for all views of the stream. What answered before is kept, and can be promoted again.");
        promote.SetAction(PromoteAsync);
        Command drop = new("drop", "Removes a replay with its results. The one that answers cannot be dropped.");
        drop.SetAction(DropAsync);
        Command command = new("replay", "Computes the views of a stream anew with the speed layer, and switches the answers over.");
        foreach (Command verb in (Command[])[start, list, promote, drop])
        {
            verb.Options.Add(_stream);
            command.Subcommands.Add(verb);
        }

        promote.Arguments.Add(_replay);
        drop.Arguments.Add(_replay);
        string stream = context.Application.Catalog.Streams[0].Name;
        context.AddExamples(command, "replay start");
        context.AddExamples(start, "replay start", $"replay start --stream {stream} --detach");
        context.AddExamples(list, "replay list");
        context.AddExamples(promote, "replay promote 1");
        context.AddExamples(drop, "replay drop 1");
        return command;
    }

    private async Task<int> StartAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        StreamDefinition stream = context.FindStream(parsed, _stream);
        bool isShared = context.Settings(parsed).IsShared;
        Session session = await context.OpenForBatchAsync(parsed, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            if (session.Own is not null && !isShared)
            {
                await CatchUp.RunAsync(session.Own, stream, context.Terminal, cancellationToken).ConfigureAwait(false);
            }

            JsonElement started = await session.Api.PostAsync(ApiPaths.Replays(stream.Name), new { }, cancellationToken).ConfigureAwait(false);
            int number = started.GetProperty("replay").GetInt32();
            context.Terminal.Line($"{stream.Name}: replay {number} has begun");
            if (parsed.GetValue(_detach))
            {
                return ExitCodes.Ok;
            }

            await WatchAsync(session.Api, stream, number, cancellationToken).ConfigureAwait(false);
            context.Terminal.Line($"{stream.Name}: replay {number} is complete. To have it answer: replay promote {number}");
            return ExitCodes.Ok;
        }
    }

    private async Task WatchAsync(ApiClient api, StreamDefinition stream, int number, CancellationToken cancellationToken) => await context.Terminal
        .ProgressAsync($"replay {number} of {stream.Name}", async bar =>
        {
            using PeriodicTimer timer = new(LookInterval);
            while (true)
            {
                JsonElement replay = await api.GetAsync(ApiPaths.Replay(stream.Name, number), cancellationToken).ConfigureAwait(false);
                if (replay.GetProperty("isComplete").GetBoolean())
                {
                    return true;
                }

                bar.Report(new WorkProgress(ShareOf(replay), $"{Figures.Of(replay.GetProperty("missing").GetInt64())} offsets to go"));
                await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);

    private async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        StreamDefinition stream = context.FindStream(parsed, _stream);
        Session session = await context.OpenAsync(parsed, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            JsonElement replays = await session.Api.GetAsync(ApiPaths.Replays(stream.Name), cancellationToken).ConfigureAwait(false);
            if (replays.GetArrayLength() == 0)
            {
                context.Terminal.Line($"{stream.Name}: never replayed");
            }

            foreach (JsonElement replay in replays.EnumerateArray())
            {
                context.Terminal.Line($"{stream.Name}: replay {replay.GetProperty("replay").GetInt32()} {Describe(replay)}");
            }

            return ExitCodes.Ok;
        }
    }

    private async Task<int> PromoteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        StreamDefinition stream = context.FindStream(parsed, _stream);
        int number = parsed.GetRequiredValue(_replay);
        Session session = await context.OpenForBatchAsync(parsed, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.Api.PostAsync(ApiPaths.Promotion(stream.Name, number), new { }, cancellationToken).ConfigureAwait(false);
            context.Terminal.Line($"{stream.Name}: replay {number} answers now. What answered before is kept; 'replay list' shows it.");
            return ExitCodes.Ok;
        }
    }

    private async Task<int> DropAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        StreamDefinition stream = context.FindStream(parsed, _stream);
        int number = parsed.GetRequiredValue(_replay);
        Session session = await context.OpenForBatchAsync(parsed, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.Api.DeleteAsync(ApiPaths.Replay(stream.Name, number), cancellationToken).ConfigureAwait(false);
            context.Terminal.Line($"{stream.Name}: replay {number} is dropped");
            return ExitCodes.Ok;
        }
    }

    private static double ShareOf(JsonElement replay)
    {
        double all = replay.GetProperty("partitions").EnumerateArray()
            .Sum(partition => (double)partition.GetProperty("end").GetInt64() - partition.GetProperty("start").GetInt64());
        return all == 0 ? 1 : Math.Clamp(1 - (replay.GetProperty("missing").GetInt64() / all), 0, 1);
    }

    private static string Describe(JsonElement replay) => replay.GetEnum<EditionState>("state") switch
    {
        EditionState.Live => replay.GetProperty("servedAt").GetString() is { } since ? $"answers, since {since}" : "answers",
        EditionState.Kept => $"is kept; it answered until {replay.GetProperty("leftAt").GetString()}, and {Progress(replay)}",
        _ => $"was begun {replay.GetProperty("startedAt").GetString()}, and {Progress(replay)}",
    };

    private static string Progress(JsonElement replay) => replay.GetProperty("isComplete").GetBoolean()
        ? "is complete"
        : $"has {Figures.Of(replay.GetProperty("missing").GetInt64())} offsets to go";
}
