using System.Text.Json;

namespace Lambda.Hosting.Data;

/// <summary>Who holds a data folder. Kept in a file beside the lock, because a locked file cannot be read everywhere.</summary>
/// <param name="ProcessId">The process.</param>
/// <param name="Purpose">What it does, in a word.</param>
/// <param name="StartedAt">Since when, in UTC.</param>
/// <param name="Address">Where it answers; null when it does not, or not yet.</param>
internal sealed record FolderOwner(int ProcessId, string Purpose, DateTimeOffset StartedAt, Uri? Address)
{
    /// <summary>
    /// A key that it takes, so that commands of whoever may read the folder, and with it all data, need none of their own; null when it asks for none. With one, the file is its user's alone.
    /// </summary>
    public string? Key { get; init; }

    private const string FileName = "owner.json";

    /// <summary>Takes note that this process holds the folder.</summary>
    public static FolderOwner Announce(string root, string purpose)
    {
        FolderOwner owner = new(Environment.ProcessId, purpose, DateTimeOffset.UtcNow, null);
        owner.Write(root);
        return owner;
    }

    /// <summary>Adds where this process answers, and with what key.</summary>
    public void Announce(string root, Uri address, string? key) => (this with { Address = address, Key = key }).Write(root);

    /// <summary>Removes the note.</summary>
    public static void Withdraw(string root) => File.Delete(Path.Combine(root, FileName));

    /// <summary>Who holds the folder, or held it last when its lock is free; null when nobody has said so.</summary>
    public static FolderOwner? Find(string root)
    {
        try
        {
            return JsonSerializer.Deserialize<FolderOwner>(File.ReadAllBytes(Path.Combine(root, FileName)), JsonSerializerOptions.Web);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private void Write(string root)
    {
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web);
        string path = Path.Combine(root, FileName);
        if (Key is null)
        {
            AtomicFile.Write(path, content);
        }
        else
        {
            AtomicFile.WriteSecret(path, content);
        }
    }
}
