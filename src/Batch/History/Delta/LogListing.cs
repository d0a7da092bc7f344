using System.Globalization;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.History.Delta;

/// <summary>What lies in a table's log folder, by its names.</summary>
internal sealed class LogListing
{
    private readonly SortedDictionary<long, DateTimeOffset> _commits = [];

    /// <summary>By version and number of parts, the parts that are there.</summary>
    private readonly SortedDictionary<(long Version, int Parts), SortedSet<int>> _checkpoints = [];

    /// <summary>By version, the name of a checkpoint of the newer form; of several, which say the same, one.</summary>
    private readonly SortedDictionary<long, string> _newCheckpoints = [];
    private readonly List<(long Version, string Name)> _names = [];

    /// <summary>The versions that have a commit, in order, with the time at which the storage got it.</summary>
    public IReadOnlyDictionary<long, DateTimeOffset> Commits => _commits;

    /// <summary>All files that are of a version, by their full names.</summary>
    public IReadOnlyList<(long Version, string Name)> Names => _names;

    /// <summary>The newest version that can be built; null when there is no table.</summary>
    public long? Latest => _commits.Count > 0 || _checkpoints.Count > 0 || _newCheckpoints.Count > 0
        ? Math.Max(Math.Max(_commits.Keys.LastOrDefault(-1), _checkpoints.Keys.LastOrDefault((-1, 0)).Version), _newCheckpoints.Keys.LastOrDefault(-1))
        : null;

    /// <summary>The oldest version that can be built; null when there is no table.</summary>
    public long? Oldest => _commits.ContainsKey(0) ? 0 : WholeCheckpoints().Concat(_newCheckpoints.Keys).Select(version => (long?)version).Min();

    /// <summary>Reads a log folder.</summary>
    public static async Task<LogListing> ReadAsync(IObjectStorage storage, string table, CancellationToken cancellationToken)
    {
        LogListing listing = new();
        string prefix = $"{table}/{DeltaPaths.LogFolder}/";
        await foreach (StoredObject entry in storage.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            listing.Add(entry, entry.Name[prefix.Length..].Split('.'));
        }

        return listing;
    }

    /// <summary>The versions that have a whole checkpoint, in rising order.</summary>
    public IEnumerable<long> WholeCheckpoints() =>
        _checkpoints.Where(entry => entry.Value.Count == entry.Key.Parts).Select(entry => entry.Key.Version).Distinct();

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

    /// <summary>The newest checkpoint of the newer form at or below a version, by its name relative to the log folder; null when there is none.</summary>
    public (long Version, string Name)? NewCheckpointFor(long version)
    {
        (long Version, string Name)? newest = null;
        foreach ((long at, string name) in _newCheckpoints)
        {
            newest = at <= version ? (at, name) : newest;
        }

        return newest;
    }

    private static string NameOf(long version, int part, int parts) => parts == 1
        ? DeltaPaths.Checkpoint(version)
        : string.Create(CultureInfo.InvariantCulture, $"{version:D20}.checkpoint.{part:D10}.{parts:D10}.parquet");

    private void Add(StoredObject entry, string[] name)
    {
        if (name[0].Length != 20 || !long.TryParse(name[0], NumberStyles.None, CultureInfo.InvariantCulture, out long version))
        {
            return;
        }

        _names.Add((version, entry.Name));
        switch (name)
        {
            case [_, "json"]:
                _commits[version] = entry.ModifiedAt;
                break;
            case [_, "checkpoint", "parquet"]:
                PartsOf(version, 1).Add(1);
                break;
            case [_, "checkpoint", var part, var parts, "parquet"]:
                PartsOf(version, int.Parse(parts, CultureInfo.InvariantCulture)).Add(int.Parse(part, CultureInfo.InvariantCulture));
                break;
            case [_, "checkpoint", _, "parquet" or "json"]:
                _newCheckpoints[version] = string.Join('.', name);
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
