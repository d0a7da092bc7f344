using Lambda.Hosting.Commands;
using Microsoft.Extensions.Configuration;

namespace Lambda.Hosting.Settings;

/// <summary>The names of all settings, to tell misspelt ones.</summary>
internal sealed class KnownSettings
{
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _open = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names, those in sections with a colon; sections that take any name end in <c>:*</c>.</summary>
    public IEnumerable<string> Names => _names.Concat(_open.Except(_names, StringComparer.OrdinalIgnoreCase).Select(section => $"{section}:*"))
        .Order(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds a name.</summary>
    public void Add(string name) => _names.Add(name);

    /// <summary>Adds all names in a section.</summary>
    public void AddAllBelow(string section) => _open.Add(section);

    /// <summary>Refuses settings of other names.</summary>
    /// <param name="section">The settings.</param>
    /// <param name="variables">The names of those that environment variables set.</param>
    /// <exception cref="CommandException">There is one.</exception>
    public void RefuseOthers(IConfigurationSection section, IEnumerable<string> variables)
    {
        HashSet<string> fromEnvironment = new(variables, StringComparer.OrdinalIgnoreCase);
        foreach ((string name, string? value) in section.AsEnumerable(makePathsRelative: true))
        {
            if (value is null || name.Length == 0 || IsKnown(name))
            {
                continue;
            }

            bool isVariable = fromEnvironment.Contains(name);

            // Variables of our prefix may belong to others, as LAMBDA_TASK_ROOT does; a misspelt name in the file or in one of our sections is ours alone,
            // and so is one written like a setting.
            if (!isVariable || IsInSection(name) || IsWrittenLikeSetting(name))
            {
                string where = isVariable ? $"environment variable {SettingsSources.Variable(name)}" : $"section \"{SettingsSources.Section}\" of appsettings.json";
                throw new CommandException($"There is no setting '{name}' ({where}). Settings are: {string.Join(", ", Names)}.", ExitCodes.WrongUsage);
            }
        }
    }

    private bool IsKnown(string name) =>
        _names.Contains(name) || _open.Any(section => name.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a name has small letters and no underscore, as those of settings do and those of other variables do not.</summary>
    private static bool IsWrittenLikeSetting(string name) => !name.Contains('_', StringComparison.Ordinal) && name.Any(char.IsAsciiLetterLower);

    private bool IsInSection(string name)
    {
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && _names.Any(known => known.StartsWith(name[..(colon + 1)], StringComparison.OrdinalIgnoreCase));
    }
}
