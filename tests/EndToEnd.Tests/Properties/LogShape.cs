namespace Lambda.EndToEnd.Tests.Properties;

/// <summary>What a log has at its offsets.</summary>
public enum LogShape
{
    /// <summary>A record at each, from 0 on.</summary>
    Dense,

    /// <summary>None at some of them; it begins anywhere.</summary>
    Sparse,

    /// <summary>As a sparse one; and records are lost before they are read, and that is accepted.</summary>
    Lossy,
}
