namespace Lambda.Hosting.Settings;

/// <summary>Settings given on the command line, which win over all others; null where none was given.</summary>
internal sealed record GivenSettings
{
    /// <summary>The data folder.</summary>
    public string? Data { get; init; }

    /// <summary>Where to listen.</summary>
    public string? Urls { get; init; }

    /// <summary>The layers to run.</summary>
    public string? Layers { get; init; }

    /// <summary>The server to ask.</summary>
    public string? Server { get; init; }
}
