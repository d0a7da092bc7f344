using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Lambda.Hosting.Data;

namespace Lambda.Hosting.Seeding;

/// <summary>How much of a seed is in the log already. A file is known by its content, so that a changed one is a new seed.</summary>
/// <remarks>
/// The marker is written after the append that it counts. A crash between the two appends one batch again at the next start; the batch layer
/// removes such repetitions from streams with event ids.
/// </remarks>
internal sealed class SeedMarker
{
    private readonly string _path;
    private readonly Entry _entry;

    private SeedMarker(string path, Entry entry)
    {
        _path = path;
        _entry = entry;
    }

    /// <summary>How many of the file's records are done with.</summary>
    public long Position => _entry.Position;

    /// <summary>Whether the whole file is.</summary>
    public bool IsComplete => _entry.IsComplete;

    /// <summary>Reads the marker of a file; a new one when there is none.</summary>
    public static async Task<SeedMarker> ReadAsync(DataFolder folder, string stream, string file, CancellationToken cancellationToken)
    {
        string sha256 = await HashAsync(file, cancellationToken).ConfigureAwait(false);
        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{stream}\n{sha256}")).AsSpan(0, 8));
        string path = Path.Combine(folder.Seeds, $"{name}.json");
        Entry entry = File.Exists(path)
            ? JsonSerializer.Deserialize<Entry>(await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false), JsonSerializerOptions.Web)!
            : new Entry(stream, Path.GetFileName(file), sha256, 0, false);
        return new SeedMarker(path, entry);
    }

    /// <summary>Takes note of what is in the log now.</summary>
    public SeedMarker Advance(long position, bool isComplete)
    {
        SeedMarker advanced = new(_path, _entry with { Position = position, IsComplete = isComplete });
        AtomicFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(advanced._entry, JsonSerializerOptions.Web));
        return advanced;
    }

    private static async Task<string> HashAsync(string file, CancellationToken cancellationToken)
    {
        FileStream content = File.OpenRead(file);
        await using (content.ConfigureAwait(false))
        {
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken).ConfigureAwait(false));
        }
    }

    private sealed record Entry(string Stream, string File, string Sha256, long Position, bool IsComplete);
}
