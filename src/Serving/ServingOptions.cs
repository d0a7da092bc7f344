using Lambda.Serving.Security;

namespace Lambda.Serving;

/// <summary>Limits and names of the serving layer. Checked when the application starts.</summary>
public sealed class ServingOptions
{
    /// <summary>How many rows an answer holds when the request does not say; 1,000 by default.</summary>
    public int DefaultLimit { get; set; } = 1_000;

    /// <summary>How many rows a request may ask for; 100,000 by default.</summary>
    public int MaxLimit { get; set; } = 100_000;

    /// <summary>
    /// How many parts the windows of an answer may be made of in a view whose windows overlap; ten million by default, which take two gigabytes at worst. Each window has a
    /// part for each of its slices, key and epoch. A query that needs more is refused.
    /// </summary>
    public int MaxWindowParts { get; set; } = 10_000_000;

    /// <summary>How often at most an answer that is followed is sent; one second by default.</summary>
    public TimeSpan LiveInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many answers are followed at once; 100 by default. Each is asked for anew whenever the store has changed.</summary>
    public int MaxListeners { get; set; } = 100;

    /// <summary>How many bytes the body of an ingest request may have; 32 MiB by default.</summary>
    public long MaxBodyBytes { get; set; } = 32L << 20;

    /// <summary>How many bytes one record may have; 1 MiB by default.</summary>
    public int MaxRecordBytes { get; set; } = 1 << 20;

    /// <summary>How many records an ingest request may hold; 100,000 by default.</summary>
    public int MaxRecords { get; set; } = 100_000;

    /// <summary>
    /// The keys that callers are known by. Without any, everybody who reaches the server may do everything; with one, nobody without a key does anything but ask for
    /// <c>/health</c>.
    /// </summary>
    public IList<ApiKey> Keys { get; } = [];

    /// <summary>
    /// Host names, without port, that requests may be addressed to besides <c>localhost</c>, <c>127.0.0.1</c> and <c>[::1]</c>. A request for another
    /// host is refused, because a web page can make its own name point at this machine. <c>*</c> allows any name: only for a server that cannot be reached
    /// but through a proxy which asks callers who they are. With <see cref="Keys"/>, which no such page has, any name is taken unless some are given here.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];

    internal bool IsValid(out string message)
    {
        message = this switch
        {
            { DefaultLimit: < 1 } => $"DefaultLimit cannot be {DefaultLimit}. Give 1 or more.",
            _ when MaxLimit < DefaultLimit => $"MaxLimit ({MaxLimit}) is below DefaultLimit ({DefaultLimit}). Raise it.",
            _ when LiveInterval < TimeSpan.FromMilliseconds(10) || LiveInterval > TimeSpan.FromDays(1) =>
                $"LiveInterval cannot be {LiveInterval}. Give 10 milliseconds to one day.",
            { MaxWindowParts: < 1 } => $"MaxWindowParts cannot be {MaxWindowParts}. Give 1 or more.",
            { MaxListeners: < 0 } => $"MaxListeners cannot be {MaxListeners}. Give 0 or more.",
            { MaxRecordBytes: < 1 } => $"MaxRecordBytes cannot be {MaxRecordBytes}. Give 1 or more.",
            _ when Keys.GroupBy(key => key.Sha256).FirstOrDefault(same => same.Count() > 1) is { } same =>
                $"Keys {string.Join(" and ", same.Select(key => $"'{key.Name}'"))} are the same key. Give each caller a key of its own.",
            { MaxRecords: < 1 } => $"MaxRecords cannot be {MaxRecords}. Give 1 or more.",
            _ when MaxBodyBytes < MaxRecordBytes || MaxBodyBytes > 1L << 30 =>
                $"MaxBodyBytes ({MaxBodyBytes}) must lie between MaxRecordBytes ({MaxRecordBytes}) and 1 GiB.",
            _ => "",
        };
        return message.Length == 0;
    }
}
