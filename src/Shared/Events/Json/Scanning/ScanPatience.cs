namespace Lambda.Events.Json.Scanning;

/// <summary>
/// Decides which records are tried. Where records keep being given up, trying and learning would only cost time, so that most of them go to the full
/// decoder at once. What the records mean does not depend on it.
/// </summary>
internal sealed class ScanPatience
{
    private const int MissesAllowed = 8;
    private const int LongestPause = 256;

    private int _misses;
    private int _pause;

    /// <summary>Whether the last record was tried, and had another shape than the one known.</summary>
    public bool WantsShape { get; private set; }

    /// <summary>Whether the next record is to be tried.</summary>
    public bool IsWorthTrying()
    {
        if (_pause == 0)
        {
            return true;
        }

        _pause--;
        WantsShape = false;
        return false;
    }

    /// <summary>Notes what became of a record that was tried.</summary>
    public void Note(ScanOutcome outcome)
    {
        WantsShape = outcome == ScanOutcome.OtherShape;
        if (outcome == ScanOutcome.Taken)
        {
            _misses = 0;
        }
        else if (++_misses > MissesAllowed)
        {
            _pause = Math.Min(_misses - MissesAllowed, LongestPause);
        }
    }
}
