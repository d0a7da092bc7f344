using Amazon.Runtime;
using Amazon.S3;
using Lambda.Batch.History.Storage.S3;
using Lambda.TestSupport.S3;

namespace Lambda.Batch.Tests.History.Storage;

/// <summary>One server for all tests that want an object storage.</summary>
public sealed class SharedS3 : IAsyncLifetime
{
    private S3Server? _server;
    private ConditionalWrites? _gate;

    public async ValueTask InitializeAsync()
    {
        if (S3Server.WhyNot is null)
        {
            _server = await S3Server.StartAsync();
            _gate = await ConditionalWrites.StartAsync(_server.Endpoint);
        }
    }

    /// <summary>A storage under a prefix of its own.</summary>
    internal S3ObjectStorage Open(string prefix = "", int pageObjects = 1000, int partBytes = 16 << 20, string bucket = S3Server.Bucket) =>
        new(new S3Options
        {
            Bucket = bucket,
            Prefix = prefix,
            Endpoint = Endpoint(),
            Region = "us-east-1",
            AccessKey = "any",
            SecretKey = "any",
            UsesPathStyle = true,
            PageObjects = pageObjects,
            PartBytes = partBytes,
        }, TimeProvider.System);

    /// <summary>Another way to the server.</summary>
    internal AmazonS3Client Client() => new(
        new BasicAWSCredentials("any", "any"), new AmazonS3Config { ServiceURL = Endpoint().ToString(), ForcePathStyle = true, AuthenticationRegion = "us-east-1" });

    private Uri Endpoint()
    {
        if (_gate is null)
        {
            string reason = S3Server.WhyNot!;
            Assert.SkipWhen(Environment.GetEnvironmentVariable("LAMBDA_TESTS_NO_SKIP") != "1", reason);
            Assert.Fail(reason);
        }

        return _gate.Endpoint;
    }

    public async ValueTask DisposeAsync()
    {
        if (_gate is not null)
        {
            await _gate.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}

[CollectionDefinition(nameof(SharedS3))]
public sealed class WithSharedS3 : ICollectionFixture<SharedS3>;
