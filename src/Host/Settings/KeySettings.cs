using Lambda.Serving.Security;

namespace Lambda.Hosting.Settings;

/// <summary>The keys that callers of the server are known by.</summary>
internal static class KeySettings
{
    /// <summary>The section that has them, by the names of their holders.</summary>
    public const string Section = "ApiKeys";

    /// <summary>The setting of a key that says what its holder may do.</summary>
    public const string Roles = "Roles";

    /// <summary>The setting of a key that knows it again.</summary>
    public const string Sha256 = "Sha256";

    /// <summary>What roles there are, for people.</summary>
    public const string RolesAre = "Say what its holder may do: query, ingest or admin, which is everything; with commas between.";

    private static readonly Dictionary<string, ApiRoles> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["query"] = ApiRoles.Query,
        ["ingest"] = ApiRoles.Ingest,
        ["admin"] = ApiRoles.Admin,
    };

    /// <summary>Reads them.</summary>
    /// <exception cref="Commands.CommandException">One is wrong or half there.</exception>
    public static IReadOnlyList<ApiKey> Read(SettingReader read)
    {
        List<ApiKey> keys = [];
        foreach (IGrouping<string, KeyValuePair<string, string>> key in read.Values(Section).GroupBy(setting => setting.Key.Split(':')[0], StringComparer.OrdinalIgnoreCase))
        {
            Dictionary<string, string> settings = key.ToDictionary(setting => setting.Key, setting => setting.Value, StringComparer.OrdinalIgnoreCase);
            string roles = Take(settings, $"{key.Key}:{Roles}", RolesAre);
            string hash = Take(settings, $"{key.Key}:{Sha256}", "Give the hash that the command 'key' prints.");
            if (settings.Keys.FirstOrDefault() is { } unknown)
            {
                throw SettingReader.WrongSecret($"{Section}:{unknown}", $"A key has {Roles} and {Sha256}.");
            }

            keys.Add(Make(key.Key, roles, hash));
        }

        return keys;
    }

    /// <summary>Reads roles with commas between; none when the text has no role or something else.</summary>
    public static ApiRoles ParseRoles(string text)
    {
        string[] names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return names.All(Names.ContainsKey) ? names.Aggregate(ApiRoles.None, (roles, name) => roles | Names[name]) : ApiRoles.None;
    }

    /// <summary>Roles as settings have them.</summary>
    public static string Text(ApiRoles roles) => roles == ApiRoles.Admin
        ? "admin"
        : string.Join(",", Names.Where(name => roles.HasFlag(name.Value)).Select(name => name.Key));

    private static string Take(Dictionary<string, string> settings, string name, string remedy) =>
        settings.Remove(name, out string? value) && value.Length > 0 ? value : throw SettingReader.Missing($"{Section}:{name}", remedy);

    private static ApiKey Make(string name, string roles, string hash)
    {
        ApiRoles parsed = ParseRoles(roles);
        if (parsed == ApiRoles.None)
        {
            throw SettingReader.Wrong($"{Section}:{name}:{Roles}", roles, RolesAre);
        }

        try
        {
            return new ApiKey(name, parsed, hash);
        }
        catch (ArgumentException error)
        {
            // What stands in place of a hash may be the key itself, so it is not repeated.
            throw SettingReader.WrongSecret($"{Section}:{name}:{Sha256}", error.Message.Split(" (Parameter", 2)[0]);
        }
    }
}
