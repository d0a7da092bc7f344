using Amazon.S3;
using Lambda.Batch.History;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.History.Storage;
using Lambda.Batch.History.Storage.S3;
using Lambda.Batch.Tests.History.Maintenance;
using Lambda.Log;

namespace Lambda.Batch.Tests.History.Storage;

[Collection(nameof(SharedS3))]
public sealed class S3StorageContractTests(SharedS3 server) : StorageContract, IDisposable
{
    private readonly string _prefix = $"lake/{Guid.NewGuid():N}";
    private S3ObjectStorage? _storage;

    public void Dispose() => _storage?.Dispose();

    /// <summary>Pages and parts so small that there are several.</summary>
    private protected override IObjectStorage Open() => _storage = server.Open(_prefix, pageObjects: 10, partBytes: 5 << 20);

    private protected override async Task LeaveUnfinishedAsync(string name)
    {
        using AmazonS3Client client = server.Client();
        await client.InitiateMultipartUploadAsync(TestSupport.S3.S3Server.Bucket, $"{_prefix}/{name}", TestContext.Current.CancellationToken);
    }
}

[Collection(nameof(SharedS3))]
public sealed class S3HistoryTests(SharedS3 server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Archivers_and_compactors_of_several_machines_keep_every_row_once()
    {
        using HistoryFixture history = new();
        string prefix = Guid.NewGuid().ToString("N");
        List<Placed> all = [.. Enumerable.Range(0, 2).SelectMany(partition => Readings.Random(new Random(partition), partition, new OffsetRange(0, 80), wild: false))];
        using (S3ObjectStorage first = server.Open(prefix))
        {
            await history.OpenAsync(first);
        }

        await Task.WhenAll(
            ArchiveAsync([0, 1]), ArchiveAsync([0, 1]), ArchiveAsync([1]), Task.Run(
                async () =>
                {
                    using S3ObjectStorage storage = server.Open(prefix);
                    for (int i = 0; i < 4; i++)
                    {
                        await TableRows.CompactAsync(history, storage);
                    }
                },
                Cancellation));

        using S3ObjectStorage last = server.Open(prefix);
        await TableRows.CompactAsync(history, last);
        HistoryTable table = await history.OpenAsync(last);
        HistoryFixture.AssertSame(all, await HistoryFixture.ReadAllAsync(table));
        Assert.Equal([80, 80], table.Current.EndOffsets(2).Offsets);

        async Task ArchiveAsync(int[] partitions)
        {
            using S3ObjectStorage storage = server.Open(prefix);
            HistoryTable archive = await history.OpenAsync(storage);
            for (long start = 0; start < 80; start += 20)
            {
                List<Placed> run = [.. all.Where(row => partitions.Contains(row.Partition) && row.Offset >= start && row.Offset < start + 20)];
                await archive.AppendAsync(
                    [Readings.ToBatch(run)], partitions.ToDictionary(partition => partition, _ => new OffsetRange(start, start + 20)), Cancellation);
            }
        }
    }

    [Fact]
    public async Task A_vacuum_leaves_what_the_table_has()
    {
        using HistoryFixture history = new();
        using S3ObjectStorage storage = server.Open(Guid.NewGuid().ToString("N"));
        history.Time.SetUtcNow(DateTimeOffset.UtcNow.AddMinutes(1));
        HistoryTable table = await history.OpenAsync(storage);
        await TableRows.AppendAsync(table, 0, 0, runs: 3, wild: false);
        List<Placed> rows = await HistoryFixture.ReadAllAsync(table);
        await TableRows.CompactAsync(history, storage);
        history.Time.Advance(TimeSpan.FromDays(8));

        VacuumResult result = await TableRows.VacuumAsync(history, storage: storage);

        Assert.NotEmpty(result.Files);
        Assert.All(result.Files, file => Assert.StartsWith("s3://lambda-tests/", file, StringComparison.Ordinal));
        HistoryFixture.AssertSame(rows, await HistoryFixture.ReadAllAsync(await history.OpenAsync(storage)));
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_is_named_instead_of_looking_empty()
    {
        using S3ObjectStorage storage = server.Open("x", bucket: "no-such-bucket");
        IOException read = await Assert.ThrowsAsync<IOException>(() => storage.ReadAsync("a", Cancellation));
        Assert.Contains("s3://no-such-bucket/x/a", read.Message, StringComparison.Ordinal);
        Assert.Contains("Make the bucket 'no-such-bucket'", read.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(() => storage.PutIfAbsentAsync("a", new byte[1], Cancellation));
    }

    /// <summary>What the way to a server throws came through as it was, and the program took it for a defect of its own.</summary>
    [Fact]
    public async Task A_server_that_cannot_be_reached_is_named()
    {
        // Port 1 belongs to nobody.
        using S3ObjectStorage storage = new(
            new S3Options
            {
                Bucket = "b",
                Prefix = "p/",
                Endpoint = new Uri("http://127.0.0.1:1"),
                Region = "us-east-1",
                AccessKey = "any",
                SecretKey = "any",
                UsesPathStyle = true,
            },
            TimeProvider.System);

        IOException[] errors =
        [
            await Assert.ThrowsAsync<IOException>(() => storage.ReadAsync("a", Cancellation)),
            await Assert.ThrowsAsync<IOException>(() => storage.OpenReadAsync("a", Cancellation)),
            await Assert.ThrowsAsync<IOException>(() => storage.PutIfAbsentAsync("a", new byte[1], Cancellation)),
            await Assert.ThrowsAsync<IOException>(async () => await storage.ListAsync("a", Cancellation).ToListAsync(Cancellation)),
        ];

        Assert.All(errors, error => Assert.Contains("s3://b/p/a", error.Message, StringComparison.Ordinal));
        Assert.All(errors, error => Assert.EndsWith("See that the server 'http://127.0.0.1:1/' runs and can be reached.", error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("s3://bucket", "bucket", "")]
    [InlineData("s3://bucket/", "bucket", "")]
    [InlineData("S3://bucket/a/b/", "bucket", "a/b/")]
    public void Locations_name_bucket_and_prefix(string location, string bucket, string prefix) => Assert.Equal((bucket, prefix), S3Options.Parse(location));

    [Theory]
    [InlineData("/var/lambda")]
    [InlineData("s3://")]
    [InlineData("s3:///a")]
    public void Other_locations_are_none(string location) => Assert.Null(S3Options.Parse(location));
}
