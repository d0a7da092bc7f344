using System.CommandLine;
using System.Text.Json;
using Lambda.Hosting.Client;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Output;
using Lambda.Hosting.Settings;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>Shows what audits found, and what the data of a stream are like.</summary>
internal sealed class QualityCommand
{
    private const string Text = "text";
    private const int UsualReports = 3;

    private readonly CommandContext _context;
    private readonly Argument<string?> _stream = StreamArgument();
    private readonly Argument<string?> _profiled = StreamArgument();
    private readonly Option<int> _limit = new("--limit", "-n")
    {
        Description = "How many reports at most, the newest first.",
        HelpName = "N",
        DefaultValueFactory = _ => UsualReports,
    };

    private readonly Option<string> _format = Format();
    private readonly Option<string> _profileFormat = Format();

    public QualityCommand(CommandContext context)
    {
        _context = context;
        _limit.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.GetValueOrDefault<int>() is < 1 or > 1_000)
            {
                result.AddError("--limit takes a number of reports from 1 to 1000.");
            }
        });
    }

    public Command Create()
    {
        Command profile = new("profile",
            "Reads the whole history of a stream, describes its columns and proposes checks that it passes, as C# for the stream's declaration.");
        profile.Arguments.Add(_profiled);
        profile.Options.Add(_profileFormat);
        profile.SetAction(ProfileAsync);
        Command command = new("quality",
            "Shows what the last audits of a stream found: every check with what it expected and observed, and rows that fail. The exit code is 3 when the newest "
            + "audit blocked its generation.");
        command.Arguments.Add(_stream);
        command.Options.Add(_limit);
        command.Options.Add(_format);
        command.Subcommands.Add(profile);
        command.SetAction(ShowAsync);
        string stream = _context.Application.Catalog.Streams[0].Name;
        _context.AddExamples(command, $"quality {stream}", $"quality {stream} --limit 1 --format json", $"quality profile {stream}");
        _context.AddExamples(profile, $"quality profile {stream}");
        return command;
    }

    private async Task<int> ShowAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        StreamDefinition stream = _context.FindStream(parsed, _stream);
        Session session = await _context.OpenAsync(parsed, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            JsonElement audits = await session.Api.GetAsync(ApiPaths.Audits(stream.Name, parsed.GetValue(_limit)), cancellationToken).ConfigureAwait(false);
            if (parsed.GetRequiredValue(_format) == Text)
            {
                QualityLines.Print(_context.Terminal, stream.Name, audits);
            }
            else
            {
                _context.Terminal.Line(audits.GetRawText());
            }

            bool isBlocked = audits.GetArrayLength() > 0 && audits[0].GetEnum<AuditOutcome>("outcome") == AuditOutcome.Blocked;
            return isBlocked ? ExitCodes.Blocked : ExitCodes.Ok;
        }
    }

    private async Task<int> ProfileAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        StreamDefinition stream = _context.FindStream(parsed, _profiled);
        HostSettings settings = _context.Settings(parsed);
        if (settings.Server is null && !Directory.Exists(settings.DataFolder) && DataFolder.IsNeeded(settings, PlatformRole.Read))
        {
            throw new CommandException(
                $"There is no data folder '{Path.GetFullPath(settings.DataFolder)}'. Begin with 'run' or 'ingest', or name another folder with --data.");
        }

        // The history is the batch layer's; nothing is to be computed.
        Session session = await _context.OpenAsync(parsed, settings with { Layers = Layers.Batch }, PlatformRole.Work, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            JsonElement profile = await session.Api
                .PostAsync(ApiPaths.Profile(stream.Name), new { }, cancellationToken).ConfigureAwait(false);
            if (parsed.GetRequiredValue(_profileFormat) == Text)
            {
                ProfileLines.Print(_context.Terminal, profile);
            }
            else
            {
                _context.Terminal.Line(profile.GetRawText());
            }

            return ExitCodes.Ok;
        }
    }

    private static Argument<string?> StreamArgument() => new("STREAM")
    {
        Description = "The stream. Not needed when the application has one.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static Option<string> Format()
    {
        Option<string> format = new("--format", "-f")
        {
            Description = "How to print the answer: text (usual) or json.",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => Text,
        };
        format.AcceptOnlyFromAmong(Text, "json");
        return format;
    }
}
