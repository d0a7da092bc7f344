namespace Lambda.Hosting.Commands;

/// <summary>What the process says to scripts when it ends.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;
    public const int Blocked = 3;
    public const int FolderBusy = 4;

    /// <summary>128 and the number of the interrupt signal, as shells have it.</summary>
    public const int Interrupted = 130;

    public static readonly IReadOnlyList<(int Code, string Meaning)> All =
    [
        (Ok, "done"),
        (Failed, "failed; the message says why"),
        (WrongUsage, "wrong usage, setting or definition"),
        (Blocked, "an audit blocked a generation, or layers differ without a reason"),
        (FolderBusy, "another process holds the data folder"),
        (Interrupted, "interrupted before it was done"),
    ];

    /// <summary>What two steps come to: the code of the first one that did not end well.</summary>
    public static int Both(int first, int second) => first == Ok ? second : first;
}
