using Lambda.Hosting.Commands;

namespace Lambda.Hosting.Settings;

/// <summary>What of the platform a process runs.</summary>
[Flags]
internal enum Layers
{
    None = 0,

    /// <summary>Computes partitions of the log.</summary>
    Speed = 1,

    /// <summary>Archives, recomputes, audits and publishes.</summary>
    Batch = 2,

    /// <summary>Answers queries and takes events.</summary>
    Serving = 4,

    /// <summary>All of them.</summary>
    All = Speed | Batch | Serving,
}

/// <summary>Layers as users write them: <c>speed,serving</c>.</summary>
internal static class LayerNames
{
    /// <summary>Reads names with commas between them.</summary>
    /// <exception cref="CommandException">One is no layer.</exception>
    public static Layers Parse(string text)
    {
        Layers layers = Layers.None;
        foreach (string name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            layers |= name.ToUpperInvariant() switch
            {
                "SPEED" => Layers.Speed,
                "BATCH" => Layers.Batch,
                "SERVING" => Layers.Serving,
                _ => throw new CommandException($"There is no layer '{name}'. Layers are: batch, speed, serving. Give --layers one or more of them with "
                    + "commas between.", ExitCodes.WrongUsage),
            };
        }

        return layers != Layers.None ? layers : throw new CommandException(
            "No layer is named. Give --layers one or more of: batch, speed, serving.", ExitCodes.WrongUsage);
    }

    /// <summary>Writes them, for people.</summary>
    public static string Text(Layers layers) => string.Join(
        ", ", Enum.GetValues<Layers>().Where(layer => layer is Layers.Speed or Layers.Batch or Layers.Serving && layers.HasFlag(layer))
            .Select(layer => layer.ToString().ToLowerInvariant()));
}
