using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lambda.Hosting.Client;
using Lambda.Log;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>Says that a stream goes on without records that its log has lost.</summary>
internal sealed class AcceptGapCommand(CommandContext context)
{
    private readonly Argument<string?> _stream = new("STREAM")
    {
        Description = "The stream. Not needed when the application has one.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<int?> _partition = new("--partition", "-p")
    {
        Description = "The partition; all that stand still when it is left out.",
        HelpName = "N",
    };

    private readonly Option<string?> _offsets = new("--offsets")
    {
        Description = "The lost offsets, the last exclusive; those that the speed layer misses when they are left out. Needs --partition.",
        HelpName = "FROM-TO",
    };

    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do not ask." };

    public Command Create()
    {
        Command command = new("accept-gap",
            "Goes on without records that the log has lost before they were read. Their events count in no window, for good; 'status' and every answer go on to "
            + "say so. Partitions that stand still because of them go on at once.");
        command.Arguments.Add(_stream);
        foreach (Option option in (Option[])[_partition, _offsets, _yes])
        {
            command.Options.Add(option);
        }

        command.SetAction(RunAsync);
        string stream = context.Application.Catalog.Streams[0].Name;
        context.AddExamples(command, $"accept-gap {stream}", $"accept-gap {stream} --partition 0 --offsets 1200-1350 --yes");
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        StreamDefinition stream = context.FindStream(parsed, _stream);
        int? partition = parsed.GetValue(_partition);
        OffsetRange? offsets = parsed.GetValue(_offsets) is { } text ? ReadOffsets(text, partition) : null;
        Session session = await context.OpenAsync(parsed, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            List<(int Partition, OffsetRange Offsets)> lost = offsets is { } chosen
                ? [(partition!.Value, chosen)]
                : [.. Lost(await session.Api.GetAsync(ApiPaths.Stream(stream.Name), cancellationToken).ConfigureAwait(false)).Where(range => partition is null || range.Partition == partition)];
            if (lost.Count == 0)
            {
                context.Terminal.Line($"{stream.Name}: nothing is lost that the speed layer has not computed. If the batch layer misses offsets, name them with --offsets.");
                return ExitCodes.Ok;
            }

            foreach ((int number, OffsetRange range) in lost)
            {
                context.Terminal.Line($"{stream.Name}: partition {number} is to go on without the offsets {range}, {range.End - range.Start} records at most");
            }

            if (!parsed.GetValue(_yes) && !Confirmation.IsGiven("Their events will count in no window, for good. "))
            {
                context.Terminal.Line("Nothing was accepted.");
                return ExitCodes.Failed;
            }

            foreach ((int number, OffsetRange range) in lost)
            {
                await session.Api.PostAsync(ApiPaths.Gaps(stream.Name), new { partition = number, start = range.Start, end = range.End }, cancellationToken)
                    .ConfigureAwait(false);
                context.Terminal.Line($"{stream.Name}: partition {number} goes on at offset {range.End}");
            }

            return ExitCodes.Ok;
        }
    }

    private static IEnumerable<(int Partition, OffsetRange Offsets)> Lost(JsonElement stream) => stream.GetProperty("lost").EnumerateArray()
        .Select(range => (
            range.GetProperty("partition").GetInt32(), new OffsetRange(range.GetProperty("start").GetInt64(), range.GetProperty("end").GetInt64())));

    private static OffsetRange ReadOffsets(string text, int? partition)
    {
        if (partition is null)
        {
            throw new CommandException("--offsets needs --partition, as each partition counts its own offsets.", ExitCodes.WrongUsage);
        }

        string[] parts = text.Split('-');
        return parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long start)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long end)
            && start < end
                ? new OffsetRange(start, end)
                : throw new CommandException($"'{text}' are no offsets. Give --offsets two numbers such as 1200-1350, the second one exclusive.", ExitCodes.WrongUsage);
    }
}
