namespace Lambda.Log;

/// <summary>
/// The log is not the one that was read before: it was deleted and made anew since, and its records have the offsets of others. Nobody can read on in it without
/// leaving out the records that stand where the others stood.
/// </summary>
public sealed class LogReplacedException : EventLogException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="stream">The stream whose log it is.</param>
    /// <param name="evidence">What shows it, as a clause.</param>
    public LogReplacedException(string stream, string evidence)
        : base($"Stream '{stream}': its log was deleted and made anew after it had been read, as {evidence}. Its records have the offsets of others that were computed, "
            + "so it is not read on: those at the offsets below would be left out. Restore the log as it was, or begin anew: give the stream another name, or the "
            + "application another store and history.")
    {
        Stream = stream;
        Evidence = evidence;
    }

    /// <summary>The stream whose log it is.</summary>
    public string Stream { get; }

    /// <summary>What shows it, as a clause.</summary>
    public string Evidence { get; }
}
