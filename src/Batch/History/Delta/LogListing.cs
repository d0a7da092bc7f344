using System.Globalization;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.History.Delta;

/// <summary>What lies in a table's log folder, by its names.</summary>
internal sealed class LogListing
{
    private readonly SortedSet<long> _commits = [];

    /// <summary>By version and number of parts, the parts that are there.</summary>
    private readonly SortedDictionary<(long Version, int Parts), SortedSet<int>> _checkpoints = [];
    private readonly SortedSet<long> _newCheckpoints = [];

    /// <summary>The versions that have a commit, in order.</summary>
    public IReadOnlyCollection<long> Commits => _commits;

    /// <summary>The newest version that can be built; null when there is no table.</summary>
    public long? Latest => _commits.Count > 0 || _checkpoints.Count > 0 || _newCheckpoints.Count > 0
        ? Math.Max(Math.Max(_commits.LastOrDefault(-1), _checkpoints.Keys.LastOrDefault((-1, 0)).Version), _newCheckpoints.LastOrDefault(-1))
        : null;

    /// <summary>Reads a log folder.</summary>
    public static async Task<LogListing> ReadAsync(IObjectStorage storage, string table, CancellationToken cancellationToken)
    {
        LogListing listing = new();
        string prefix = $"{table}/{DeltaPaths.LogFolder}/";
        await foreach (StoredObject entry in storage.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            listing.Add(entry.Name[prefix.Length..].Split('.'));
        }

        return listing;
    }

    /// <summary>The names of the newest whole checkpoint at or below a version, relative to the log folder; null when there is none.</summary>
    public (long Version, IReadOnlyList<string> Names)? CheckpointFor(long version)
    {
        foreach (((long at, int parts), SortedSet<int> found) in _checkpoints.Reverse())
        {
            if (at <= version && found.Count == parts)
            {
                return (at, [.. found.Select(part => NameOf(at, part, parts))]);
            }
        }

        return null;
    }

    /// <summary>Whether the log has checkpoints of the newer form, which are not read.</summary>
    public bool HasNewCheckpointFor(long version) => _newCheckpoints.Any(at => at <= version);

    private static string NameOf(long version, int part, int parts) => parts == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{version:D20}.checkpoint.parquet")
        : string.Create(CultureInfo.InvariantCulture, $"{version:D20}.checkpoint.{part:D10}.{parts:D10}.parquet");

    private void Add(string[] name)
    {
        if (name[0].Length != 20 || !long.TryParse(name[0], NumberStyles.None, CultureInfo.InvariantCulture, out long version))
        {
            return;
        }

        switch (name)
        {
            case [_, "json"]:
                _commits.Add(version);
                break;
            case [_, "checkpoint", "parquet"]:
                PartsOf(version, 1).Add(1);
                break;
            case [_, "checkpoint", var part, var parts, "parquet"]:
                PartsOf(version, int.Parse(parts, CultureInfo.InvariantCulture)).Add(int.Parse(part, CultureInfo.InvariantCulture));
                break;
            case [_, "checkpoint", _, "parquet" or "json"]:
                _newCheckpoints.Add(version);
                break;
        }
    }

    private SortedSet<int> PartsOf(long version, int parts)
    {
        if (!_checkpoints.TryGetValue((version, parts), out SortedSet<int>? found))
        {
            _checkpoints[(version, parts)] = found = [];
        }

        return found;
    }
}
