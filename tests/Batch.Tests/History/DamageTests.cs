using System.Globalization;
using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Log;

namespace Lambda.Batch.Tests.History;

/// <summary>Whatever happens to a file on disk: the rows as written, or an error that says which file and what to do. Never other rows.</summary>
public sealed class DamageTests
{
    [Fact]
    public async Task A_data_file_that_is_gone_or_cut_is_named_with_the_remedy()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        await AppendDayAsync(table, 300);
        string path = history.PathOf(table.Current.Table.Files.Single());
        byte[] whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        foreach (int length in new[] { 0, 3, 8, 100, whole.Length / 2, whole.Length - 1 })
        {
            await File.WriteAllBytesAsync(path, whole[..length], TestContext.Current.CancellationToken);
            HistoryException cut = await Assert.ThrowsAsync<HistoryException>(() => HistoryFixture.ReadAllAsync(table));
            Assert.Contains(path, cut.Message, StringComparison.Ordinal);
            Assert.Contains($"{length} bytes instead of {whole.Length}", cut.Message, StringComparison.Ordinal);
            Assert.Contains("Restore it", cut.Message, StringComparison.Ordinal);
        }

        File.Delete(path);
        HistoryException gone = await Assert.ThrowsAsync<HistoryException>(() => HistoryFixture.ReadAllAsync(table));
        Assert.Contains(path, gone.Message, StringComparison.Ordinal);
        Assert.Contains("vacuum", gone.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deletion_vector_that_another_program_has_written_is_refused_and_its_commit_named()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        await AppendDayAsync(table, 300);
        string last = Directory.EnumerateFiles(history.Folder, "*.json", SearchOption.AllDirectories).Max(StringComparer.Ordinal)!;
        string next = Path.Combine(Path.GetDirectoryName(last)!, $"{long.Parse(Path.GetFileNameWithoutExtension(last), CultureInfo.InvariantCulture) + 1:D20}.json");
        await File.WriteAllTextAsync(
            next,
            """{"add":{"path":"part","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true,"deletionVector":{"storageType":"i","sizeInBytes":4,"cardinality":1}}}""",
            TestContext.Current.CancellationToken);

        HistoryException refused = await Assert.ThrowsAsync<HistoryException>(() => history.OpenAsync());

        Assert.StartsWith($"'{next}' gives the file 'part' a deletion vector", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_file_with_any_one_byte_changed_gives_the_same_rows_or_an_error()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        List<Placed> events = await AppendDayAsync(table, 40);
        string path = history.PathOf(table.Current.Table.Files.Single());
        byte[] whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        Random random = new(5);
        int refused = 0;
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(path, damaged, TestContext.Current.CancellationToken);
            try
            {
                HistoryFixture.AssertSame(events, await HistoryFixture.ReadAllAsync(table));
            }
            catch (HistoryException e)
            {
                Assert.Contains(path, e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain("N7parquet", e.Message, StringComparison.Ordinal);
                refused++;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Byte {i} of {whole.Length}: {e.Message}", e);
            }
        }

        Assert.InRange(refused, whole.Length * 3 / 4, whole.Length);
    }

    [Fact]
    public async Task A_commit_with_any_one_byte_changed_or_cut_anywhere_gives_the_same_rows_or_an_error()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        List<Placed> events = await AppendDayAsync(table, 40);
        string path = history.Storage.Describe($"{HistoryFixture.Stream}/events/{DeltaPaths.Commit(1)}");
        byte[] whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        int refused = 0;
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= 1;
            refused += await TryAsync(damaged) + await TryAsync(whole[..i]);
        }

        // What may be changed without harm is the first line, which only explains.
        Assert.InRange(refused, whole.Length * 3 / 2, whole.Length * 2);

        async Task<int> TryAsync(byte[] content)
        {
            await File.WriteAllBytesAsync(path, content, TestContext.Current.CancellationToken);
            try
            {
                HistoryTable opened = await history.OpenAsync();
                HistoryFixture.AssertSame(events, await HistoryFixture.ReadAllAsync(opened));
                Assert.Equal(40, opened.Current.EndOffset(0));
                return 0;
            }
            catch (HistoryException e)
            {
                Assert.Contains(path, e.Message, StringComparison.Ordinal);
                return 1;
            }
        }
    }

    [Fact]
    public async Task A_commit_that_is_missing_between_others_is_named()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        await table.AppendAsync([], HistoryFixture.Range(0, 0, 5), TestContext.Current.CancellationToken);
        await table.AppendAsync([], HistoryFixture.Range(0, 5, 9), TestContext.Current.CancellationToken);
        string path = history.Storage.Describe($"{HistoryFixture.Stream}/events/{DeltaPaths.Commit(1)}");
        File.Delete(path);
        HistoryException error = await Assert.ThrowsAsync<HistoryException>(() => history.OpenAsync());
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_outside_of_the_table_is_refused()
    {
        using HistoryFixture history = new();
        await history.OpenAsync();
        string path = history.Storage.Describe($"{HistoryFixture.Stream}/events/{DeltaPaths.Commit(1)}");
        foreach (string name in new[] { "../../../etc/passwd", "%2E%2E/x.parquet", "/x.parquet", "s3://bucket/x.parquet" })
        {
            await File.WriteAllTextAsync(
                path,
                $$$"""{"add":{"path":"{{{name}}}","partitionValues":{"_date":"1970-01-01"},"size":1,"modificationTime":0,"dataChange":true}}""",
                TestContext.Current.CancellationToken);
            HistoryTable table = await history.OpenAsync();
            HistoryException refused = await Assert.ThrowsAsync<HistoryException>(() => HistoryFixture.ReadAllAsync(table));
            Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        }
    }

    private static async Task<List<Placed>> AppendDayAsync(HistoryTable table, int count)
    {
        List<Placed> events =
        [
            .. Readings.Random(new Random(9), 0, new OffsetRange(0, count), wild: false)
                .Select(row => row with { Event = row.Event with { At = DateTime.UnixEpoch.AddSeconds(row.Offset) } }),
        ];
        await table.AppendAsync([Readings.ToBatch(events)], HistoryFixture.Range(0, 0, count), TestContext.Current.CancellationToken);
        return events;
    }
}
