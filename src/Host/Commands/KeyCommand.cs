using System.CommandLine;
using Lambda.Hosting.Settings;
using Lambda.Serving.Security;

namespace Lambda.Hosting.Commands;

/// <summary>Makes keys for callers of the server.</summary>
internal sealed class KeyCommand(CommandContext context)
{
    private readonly Argument<string> _name = new("NAME") { Description = "Whose key it is: a person, a program or a machine. Letters, digits, - and _." };

    private readonly Option<string> _roles = new("--roles")
    {
        Description = KeySettings.RolesAre,
        HelpName = "ROLES",
        DefaultValueFactory = _ => KeySettings.Text(ApiRoles.Query),
    };

    public Command Create()
    {
        Command command = new("key",
            "Makes a key for a caller of the server, and prints it with the settings that let it in. The key is kept nowhere, and the settings have only its hash. As soon as "
            + "one is set, the server takes no requests without a key but for /health.");
        command.Arguments.Add(_name);
        command.Options.Add(_roles);
        command.SetAction(Run);
        context.AddExamples(command, "key grafana", "key checkout --roles ingest", "key alice --roles admin");
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string name = parsed.GetRequiredValue(_name);
        if (name.Length == 0 || name.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_'))
            || name.Contains("__", StringComparison.Ordinal) || name[^1] == '_')
        {
            // Two underscores end a section's name in a variable, and of three it is the first two.
            throw new CommandException($"'{name}' cannot be part of a setting's name. Take letters, digits, - and single _, and none at the end.", ExitCodes.WrongUsage);
        }

        string wanted = parsed.GetRequiredValue(_roles);
        ApiRoles roles = KeySettings.ParseRoles(wanted);
        if (roles == ApiRoles.None)
        {
            throw new CommandException($"'{wanted}' names no roles. {KeySettings.RolesAre}", ExitCodes.WrongUsage);
        }

        (ApiKey key, string secret) = ApiKey.Generate(name, roles);
        string section = $"{KeySettings.Section}:{name}";
        context.Terminal.Line($"The key of {name}, which is shown this once:");
        context.Terminal.Line($"  {secret}");
        context.Terminal.Line("Settings that let it in, for every process of the application:");
        context.Terminal.Line($"  {SettingsSources.Variable($"{section}:{KeySettings.Roles}")}={KeySettings.Text(roles)}");
        context.Terminal.Line($"  {SettingsSources.Variable($"{section}:{KeySettings.Sha256}")}={key.Sha256}");
        return ExitCodes.Ok;
    }
}
