using System.Text;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.Tests.History.Storage;

/// <summary>What every object storage promises.</summary>
public abstract class StorageContract
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected abstract IObjectStorage Open();

    [Fact]
    public async Task What_was_put_is_read_whole_and_in_parts()
    {
        IObjectStorage storage = Open();
        byte[] content = new byte[9 << 20];
        new Random(1).NextBytes(content);
        await storage.PutAsync("t/_date=2024-01-01/part é 1.parquet", content, Cancellation);

        Assert.Equal(content, await storage.ReadAsync("t/_date=2024-01-01/part é 1.parquet", Cancellation));
        await using Stream stream = (await storage.OpenReadAsync("t/_date=2024-01-01/part é 1.parquet", Cancellation))!;
        Assert.Equal(content.Length, stream.Length);
        Random random = new(2);
        foreach (int place in (int[])[0, content.Length - 8, (4 << 20) - 3, 5 << 20, content.Length - (1 << 20) - 1, 17, .. Enumerable.Range(0, 8).Select(_ => random.Next(content.Length))])
        {
            byte[] part = new byte[Math.Min(random.Next(3) == 0 ? 2 << 20 : 1000, content.Length - place)];
            stream.Seek(place, SeekOrigin.Begin);
            stream.ReadExactly(part);
            Assert.True(part.SequenceEqual(content.Skip(place).Take(part.Length)), $"at {place}");
        }

        stream.Seek(-8, SeekOrigin.End);
        Assert.Equal(8, stream.ReadAtLeast(new byte[100], 8));
        Assert.Equal(0, stream.ReadAtLeast(new byte[100], 1, throwOnEndOfStream: false));
    }

    [Fact]
    public async Task What_is_not_there_is_null_and_can_be_deleted()
    {
        IObjectStorage storage = Open();
        await storage.PutAsync("a/b/c", new byte[] { 1 }, Cancellation);
        Assert.Null(await storage.ReadAsync("a/x", Cancellation));
        Assert.Null(await storage.OpenReadAsync("a/x", Cancellation));
        await storage.DeleteAsync("a/x", Cancellation);
        await storage.DeleteAsync("a/b/c", Cancellation);
        Assert.Null(await storage.ReadAsync("a/b/c", Cancellation));
        Assert.Empty(await ListAsync(storage, ""));
    }

    [Fact]
    public async Task A_folder_is_deleted_with_all_that_is_in_it_and_nothing_else()
    {
        IObjectStorage storage = Open();
        foreach (string name in (string[])["t/runs/1/a", "t/runs/1/b/c", "t/runs/2/a", "t/runs/12", "t/events/1"])
        {
            await storage.PutAsync(name, new byte[] { 1 }, Cancellation);
        }

        await storage.DeleteAllAsync("t/runs/1/", Cancellation);
        await storage.DeleteAllAsync("t/runs/3/", Cancellation);

        Assert.Equal(["t/events/1", "t/runs/12", "t/runs/2/a"], (await ListAsync(storage, "")).Select(found => found.Name).Order(StringComparer.Ordinal));
        await storage.PutAsync("t/runs/1/a", new byte[] { 2 }, Cancellation);
        Assert.Equal([2], await storage.ReadAsync("t/runs/1/a", Cancellation));
    }

    [Fact]
    public async Task An_object_may_be_empty()
    {
        IObjectStorage storage = Open();
        await storage.PutAsync("none", Array.Empty<byte>(), Cancellation);
        Assert.Empty((await storage.ReadAsync("none", Cancellation))!);
        await using Stream stream = (await storage.OpenReadAsync("none", Cancellation))!;
        Assert.Equal((0, 0), (stream.Length, stream.ReadAtLeast(new byte[1], 1, throwOnEndOfStream: false)));
    }

    [Fact]
    public async Task An_object_that_was_put_if_absent_stays_until_it_is_replaced()
    {
        IObjectStorage storage = Open();
        Assert.True(await storage.PutIfAbsentAsync("log/1", Encoding.UTF8.GetBytes("first"), Cancellation));
        Assert.False(await storage.PutIfAbsentAsync("log/1", Encoding.UTF8.GetBytes("second"), Cancellation));
        Assert.Equal(Encoding.UTF8.GetBytes("first"), await storage.ReadAsync("log/1", Cancellation));
        await storage.ReplaceAsync("log/1", Encoding.UTF8.GetBytes("third"), Cancellation);
        await storage.ReplaceAsync("log/2", Encoding.UTF8.GetBytes("new"), Cancellation);
        Assert.Equal(Encoding.UTF8.GetBytes("third"), await storage.ReadAsync("log/1", Cancellation));
        Assert.Equal(Encoding.UTF8.GetBytes("new"), await storage.ReadAsync("log/2", Cancellation));
    }

    [Fact]
    public async Task Of_many_that_put_one_name_at_once_one_wins_and_its_content_stays()
    {
        IObjectStorage storage = Open();
        for (int round = 0; round < 5; round++)
        {
            string name = $"race/{round}";
            bool[] won = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(
                () => storage.PutIfAbsentAsync(name, new[] { (byte)writer }, Cancellation), Cancellation)));
            Assert.Single(won, true);
            Assert.Equal([(byte)Array.IndexOf(won, true)], (await storage.ReadAsync(name, Cancellation))!);
        }
    }

    [Fact]
    public async Task A_listing_has_all_names_that_begin_so_however_many_pages_it_takes()
    {
        IObjectStorage storage = Open();
        DateTimeOffset before = DateTimeOffset.UtcNow.AddMinutes(-5);
        string[] names = [.. Enumerable.Range(0, 23).Select(i => $"x/{i:D3}"), "xy/1", "x/deep/er/1"];
        await Task.WhenAll(names.Select(name => storage.PutAsync(name, new byte[name.Length], Cancellation)));

        IReadOnlyList<StoredObject> found = await ListAsync(storage, "x/");
        Assert.Equal(names.Where(name => name.StartsWith("x/", StringComparison.Ordinal)).Order(StringComparer.Ordinal), found.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        Assert.All(found, entry => Assert.Equal(entry.Name.Length, entry.Size));
        Assert.All(found, entry => Assert.InRange(entry.ModifiedAt, before, before.AddMinutes(10)));
        Assert.Equal(["x/00"], (await ListAsync(storage, "x/00")).Select(entry => entry.Name[..4]).Distinct());
        Assert.Empty(await ListAsync(storage, "nothing/"));
    }

    [Fact]
    public async Task What_is_unfinished_is_no_object_and_what_is_finished_is_not_removed_with_it()
    {
        IObjectStorage storage = Open();
        await storage.PutAsync("u/1", new byte[] { 1 }, Cancellation);
        await LeaveUnfinishedAsync("u/2");
        Assert.Equal(["u/1"], (await ListAsync(storage, "u/")).Select(entry => entry.Name));
        Assert.Equal(0, await storage.RemoveUnfinishedAsync("u/", DateTimeOffset.UtcNow.AddHours(-1), Cancellation));
        Assert.Equal(1, await storage.RemoveUnfinishedAsync("u/", DateTimeOffset.UtcNow.AddHours(1), Cancellation));
        Assert.Equal(0, await storage.RemoveUnfinishedAsync("u/", DateTimeOffset.UtcNow.AddHours(1), Cancellation));
        Assert.NotNull(await storage.ReadAsync("u/1", Cancellation));
    }

    /// <summary>Leaves what a writer of a name leaves behind that crashes.</summary>
    private protected abstract Task LeaveUnfinishedAsync(string name);

    private static async Task<IReadOnlyList<StoredObject>> ListAsync(IObjectStorage storage, string prefix)
    {
        List<StoredObject> found = [];
        await foreach (StoredObject entry in storage.ListAsync(prefix, Cancellation))
        {
            found.Add(entry);
        }

        return found;
    }
}

public sealed class LocalStorageContractTests : StorageContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private protected override IObjectStorage Open() => new LocalObjectStorage(_folder.Path);

    private protected override Task LeaveUnfinishedAsync(string name) =>
        File.WriteAllTextAsync(Path.Combine(_folder.Path, $"{name}.0123.tmp~"), "half", TestContext.Current.CancellationToken);
}
