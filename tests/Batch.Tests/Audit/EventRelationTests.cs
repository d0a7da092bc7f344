using System.Globalization;
using Lambda.Batch.Archive;
using Lambda.Batch.Audit.Data;
using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Tests.History;

namespace Lambda.Batch.Tests.Audit;

public sealed class EventRelationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AuditEngines _engines = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _engines.Dispose();
        _folder.Dispose();
    }

    // A member that was added to the event type, and no event has been archived since: no file has a column of it.
    [Fact]
    public async Task Members_that_no_file_has_are_null()
    {
        string file = Path.Combine(_folder.Path, "old.parquet");
        Duck.Query("SELECT 1", $"COPY (SELECT 1::INTEGER AS _partition, 4::BIGINT AS _offset, 'x' AS code, {{city: 'Ulm'}} AS \"to\") TO '{file}' (FORMAT parquet)");
        using LocalFiles files = await LocalFiles.OpenAsync(
            new LocalObjectStorage(Path.GetDirectoryName(_folder.Path)!), Path.GetFileName(_folder.Path), [FileOf("old.parquet", new FileInfo(file).Length)], Cancellation);
        await using EventRelation relation = await EventRelation.OpenAsync(_engines, Parcel.Catalog(_ => { }).Streams[0], files.Paths, Cancellation);

        object?[] row = (await relation.QueryAsync(
            "SELECT _offset, code, struct_extract(\"to\", 'city'), struct_extract(\"to\", 'floor'), price, tags, \"it's\"\"a'name--\", _extra FROM events",
            Cancellation)).Single();

        Assert.Equal([4L, "x", "Ulm", null, null, null, null, null], row);
    }

    [Fact]
    public async Task Files_of_a_storage_elsewhere_are_copied_and_removed_again()
    {
        LocalObjectStorage local = new(_folder.Path);
        await local.PutAsync("a/one", new byte[] { 1 }, Cancellation);
        await local.PutAsync("a/two", new byte[] { 2, 3 }, Cancellation);
        LocalFiles copies = await LocalFiles.OpenAsync(new Elsewhere(local), "a", [FileOf("two", 2), FileOf("one", 1)], Cancellation);
        string folder = Path.GetDirectoryName(copies.Paths[0])!;

        Assert.Equal([2, 3], await File.ReadAllBytesAsync(copies.Paths[0], Cancellation));
        Assert.Equal([1], await File.ReadAllBytesAsync(copies.Paths[1], Cancellation));
        copies.Dispose();

        Assert.False(Directory.Exists(folder));
        HistoryException error = await Assert.ThrowsAsync<HistoryException>(
            () => LocalFiles.OpenAsync(new Elsewhere(local), "a", [FileOf("none", 1)], Cancellation));
        Assert.Contains("far://a/none", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_is_not_whole_is_named_instead_of_its_copy(bool isCopied)
    {
        LocalObjectStorage local = new(_folder.Path);
        await local.PutAsync("a/half", new byte[] { 1, 2 }, Cancellation);
        IObjectStorage storage = isCopied ? new Elsewhere(local) : local;

        HistoryException error = await Assert.ThrowsAsync<HistoryException>(
            () => LocalFiles.OpenAsync(storage, "a", [FileOf("half", 4)], Cancellation));

        Assert.StartsWith($"'{storage.Describe("a/half")}' is part of the history and has 2 bytes instead of 4.", error.Message, StringComparison.Ordinal);
    }

    private static AddFile FileOf(string path, long size) =>
        new(path, new Dictionary<string, string?>(), size, 0, DataChange: true, null, new Dictionary<string, string>());

    private sealed class Elsewhere(LocalObjectStorage local) : PassingStorage(local)
    {
        public override string Describe(string name) => string.Create(CultureInfo.InvariantCulture, $"far://{name}");

        public override string? FindFile(string name) => null;
    }
}
