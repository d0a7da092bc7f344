using Lambda.Batch.History;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.Tests.History;

public sealed class LocalObjectStorageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LocalObjectStorage _storage;

    public LocalObjectStorageTests() => _storage = new LocalObjectStorage(_folder.Path);

    [Fact]
    public async Task Of_many_that_put_one_name_at_once_exactly_one_wins_and_its_content_stays()
    {
        for (int round = 0; round < 20; round++)
        {
            string name = $"log/{round}";
            using Barrier barrier = new(8);
            bool[] won = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Factory.StartNew(
                () =>
                {
                    barrier.SignalAndWait(TestContext.Current.CancellationToken);
                    return _storage.PutIfAbsentAsync(name, new[] { (byte)writer, (byte)writer }, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
                },
                TestContext.Current.CancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));
            byte winner = (byte)Array.IndexOf(won, true);
            Assert.Single(won, true);
            Assert.Equal([winner, winner], (await _storage.ReadAsync(name, TestContext.Current.CancellationToken))!);
        }

        Assert.Equal(20, Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task A_file_that_a_crash_left_on_its_way_is_no_object()
    {
        await _storage.PutAsync("a/b", new byte[] { 1 }, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "a", "c.0123.tmp~"), [1], TestContext.Current.CancellationToken);
        Assert.Equal([("a/b", 1L)], (await ListAsync("a/")).Select(found => (found.Name, found.Size)));
    }

    [Fact]
    public async Task Listing_goes_by_the_beginning_of_names()
    {
        foreach (string name in new[] { "x/1", "x/10", "x/deep/1", "xy/1", "z" })
        {
            await _storage.PutAsync(name, new byte[] { 1 }, TestContext.Current.CancellationToken);
        }

        Assert.Equal(["x/1", "x/10"], (await ListAsync("x/1")).Select(entry => entry.Name));
        Assert.Equal(["x/1", "x/10", "x/deep/1"], (await ListAsync("x/")).Select(entry => entry.Name));
        Assert.Equal(4, (await ListAsync("x")).Count);
        Assert.Empty(await ListAsync("nothing/"));
    }

    [Fact]
    public async Task What_is_not_there_reads_as_null_and_deletes_in_silence()
    {
        Assert.Null(await _storage.ReadAsync("no/thing", TestContext.Current.CancellationToken));
        Assert.Null(await _storage.OpenReadAsync("no/thing", TestContext.Current.CancellationToken));
        await _storage.DeleteAsync("no/thing", TestContext.Current.CancellationToken);
        await _storage.PutAsync("a", new byte[] { 1 }, TestContext.Current.CancellationToken);
        await _storage.DeleteAsync("a", TestContext.Current.CancellationToken);
        Assert.Null(await _storage.ReadAsync("a", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("")]
    public async Task A_name_that_leads_out_of_the_folder_is_refused(string name) =>
        await Assert.ThrowsAsync<ArgumentException>(() => _storage.ReadAsync(name, TestContext.Current.CancellationToken));

    [Fact]
    public async Task An_object_is_never_written_over()
    {
        await _storage.PutAsync("a", new byte[] { 1 }, TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<IOException>(() => _storage.PutAsync("a", new byte[] { 2 }, TestContext.Current.CancellationToken));
        Assert.False(await _storage.PutIfAbsentAsync("a", new byte[] { 2 }, TestContext.Current.CancellationToken));
        Assert.Equal([1], (await _storage.ReadAsync("a", TestContext.Current.CancellationToken))!);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_told_with_what_to_do()
    {
        string file = Path.Combine(_folder.Path, "file");
        await File.WriteAllBytesAsync(file, [1], TestContext.Current.CancellationToken);

        foreach (string folder in (string[])[file, Path.Combine(file, "below")])
        {
            string message = Assert.Throws<HistoryException>(() => new LocalObjectStorage(folder)).Message;
            Assert.Contains($"'{folder}'", message, StringComparison.Ordinal);
            Assert.Contains("'History'", message, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _folder.Dispose();

    private async Task<List<StoredObject>> ListAsync(string prefix)
    {
        List<StoredObject> found = [];
        await foreach (StoredObject entry in _storage.ListAsync(prefix, TestContext.Current.CancellationToken))
        {
            found.Add(entry);
        }

        return [.. found.OrderBy(entry => entry.Name, StringComparer.Ordinal)];
    }
}
