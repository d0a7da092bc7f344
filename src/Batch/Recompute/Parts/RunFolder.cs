using System.Globalization;
using Lambda.Batch.History;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.Recompute.Parts;

/// <summary>Where a run keeps its order and what its parts have computed: <c>STREAM/runs/RUN</c> of the history's storage.</summary>
internal sealed class RunFolder(IObjectStorage storage, string stream, Guid run)
{
    private const string ResultSuffix = ".result";

    private readonly string _folder = string.Create(CultureInfo.InvariantCulture, $"{HistoryLayout.RunsOf(stream)}/{run:N}/");

    /// <summary>The run.</summary>
    public Guid Run { get; } = run;

    private string Order => $"{_folder}order.json";

    /// <summary>A file of the folder as messages name it.</summary>
    public string Describe(string name) => storage.Describe(_folder + name);

    /// <summary>The name of the file that says what a part has come to.</summary>
    public static string ResultOf(int part) => string.Create(CultureInfo.InvariantCulture, $"{part:0000}{ResultSuffix}");

    /// <summary>The name of a file of partials; each attempt at a part has its own.</summary>
    public static string SegmentOf(int part, Guid attempt, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{part:0000}-{attempt:N}-{number:0000}.partials");

    public Task WriteOrderAsync(PartOrder order, CancellationToken cancellationToken) => storage.PutAsync(Order, order.Write(), cancellationToken);

    /// <summary>What the run asks; null when it has ended, or has never been in this storage.</summary>
    /// <exception cref="PartRefusedException">It is of another version of the program.</exception>
    public async Task<PartOrder?> ReadOrderAsync(CancellationToken cancellationToken) =>
        await storage.ReadAsync(Order, cancellationToken).ConfigureAwait(false) is not { } json ? null : PartOrder.Read(json) ?? throw new PartRefusedException(
            $"the order '{storage.Describe(Order)}' is of another version of the program. Run the same version in all batch processes.");

    /// <summary>The whole of a file; null when it is not there.</summary>
    public Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken) => storage.ReadAsync(_folder + name, cancellationToken);

    /// <summary>Writes a file that nobody else writes.</summary>
    public Task WriteAsync(string name, byte[] content, CancellationToken cancellationToken) => storage.PutAsync(_folder + name, content, cancellationToken);

    /// <summary>Writes what a part has come to, unless another attempt has.</summary>
    /// <returns>Whether this call wrote it.</returns>
    public Task<bool> TryWriteResultAsync(int part, byte[] content, CancellationToken cancellationToken) =>
        storage.PutIfAbsentAsync(_folder + ResultOf(part), content, cancellationToken);

    /// <summary>The parts that have a result.</summary>
    public async Task<IReadOnlySet<int>> FindResultsAsync(CancellationToken cancellationToken)
    {
        HashSet<int> parts = [];
        await foreach (StoredObject file in storage.ListAsync(_folder, cancellationToken).ConfigureAwait(false))
        {
            string name = file.Name[_folder.Length..];
            if (name.EndsWith(ResultSuffix, StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(0, name.Length - ResultSuffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int part))
            {
                parts.Add(part);
            }
        }

        return parts;
    }

    /// <summary>Deletes the folder.</summary>
    public Task DeleteAsync(CancellationToken cancellationToken) => storage.DeleteAllAsync(_folder, cancellationToken);

    /// <summary>Deletes the folders of all runs of a stream: for whoever holds its lease and has none of its own yet, so that those are of runs that ended.</summary>
    public static Task DeleteAllAsync(IObjectStorage storage, string stream, CancellationToken cancellationToken) =>
        storage.DeleteAllAsync($"{HistoryLayout.RunsOf(stream)}/", cancellationToken);

    /// <summary>The files of all runs of a stream that were written before an instant.</summary>
    public static async Task<IReadOnlyList<StoredObject>> FindOlderAsync(
        IObjectStorage storage, string stream, DateTimeOffset before, CancellationToken cancellationToken)
    {
        List<StoredObject> files = [];
        await foreach (StoredObject file in storage.ListAsync($"{HistoryLayout.RunsOf(stream)}/", cancellationToken).ConfigureAwait(false))
        {
            if (file.ModifiedAt < before)
            {
                files.Add(file);
            }
        }

        return files;
    }
}
