namespace Lambda.Quality;

/// <summary>What the failure of a check means.</summary>
public enum CheckSeverity
{
    /// <summary>The report says so; the generation goes live.</summary>
    Warn,

    /// <summary>The generation does not go live; the previous one serves on.</summary>
    Block,
}
