using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Lambda.Batch.History.Storage.S3;

/// <summary>Objects of an S3-compatible storage that knows conditional writes (<c>If-None-Match: *</c>).</summary>
/// <remarks>
/// A request whose answer got lost is sent again by the library, so a conditional write that has won may be told to have lost. Callers look whether what is
/// there is theirs.
/// </remarks>
internal sealed class S3ObjectStorage : IObjectStorage, IDisposable
{
    /// <summary>Up to this length an object is fetched whole when it is opened, which most files of a young history and all of its log are worth.</summary>
    private const int WholeBytes = 4 << 20;

    private const int MostAttempts = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly AmazonS3Client _client;
    private readonly S3Options _options;
    private readonly TimeProvider _time;

    /// <exception cref="HistoryException">It is not said where the server is.</exception>
    public S3ObjectStorage(S3Options options, TimeProvider time)
    {
        _options = options;
        _time = time;
        AmazonS3Config config = new()
        {
            ForcePathStyle = options.UsesPathStyle,

            // Not every server knows the checksums that the library adds by itself; commits and Parquet pages have their own.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.ToString();
            config.AuthenticationRegion = options.Region;
        }
        else if (options.Region is { } region)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        try
        {
            _client = options.AccessKey is { } key
                ? new AmazonS3Client(new BasicAWSCredentials(key, options.SecretKey), config)
                : new AmazonS3Client(config);
        }
        catch (AmazonClientException e)
        {
            throw new HistoryException(
                $"The storage of histories at '{Describe("")}' cannot be used: {e.Message.Trim().TrimEnd('.')}. Set S3:Region for Amazon's own servers, or S3:Endpoint for "
                + "another one.", e);
        }
    }

    public string Describe(string name) => $"s3://{_options.Bucket}/{_options.Prefix}{name}";

    public string? FindFile(string name) => null;

    public async Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            using GetObjectResponse response = await _client.GetObjectAsync(_options.Bucket, KeyOf(name), cancellationToken).ConfigureAwait(false);
            return await ReadAsync(response, cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound && !IsBucketMissing(e))
        {
            return null;
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Failed("read", name, e);
        }
    }

    public async Task<Stream?> OpenReadAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            GetObjectRequest request = new() { BucketName = _options.Bucket, Key = KeyOf(name), ByteRange = new ByteRange(0, WholeBytes - 1) };
            using GetObjectResponse response = await _client.GetObjectAsync(request, cancellationToken).ConfigureAwait(false);
            byte[] start = await ReadAsync(response, cancellationToken).ConfigureAwait(false);
            long length = LengthOf(response) ?? start.Length;
            return length <= start.Length
                ? new MemoryStream(start, writable: false)
                : new RangedStream(start, length, (from, count) => ReadRange(name, from, count));
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound && !IsBucketMissing(e))
        {
            return null;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // It has no byte at all.
            return new MemoryStream([], writable: false);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Failed("read", name, e);
        }
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ListObjectsV2Request request = new() { BucketName = _options.Bucket, Prefix = KeyOf(prefix), MaxKeys = _options.PageObjects };
        do
        {
            ListObjectsV2Response page = await TryAsync("listed", prefix, () => _client.ListObjectsV2Async(request, cancellationToken)).ConfigureAwait(false);
            foreach (S3Object found in page.S3Objects ?? [])
            {
                if (found is not { Size: { } size, LastModified: { } modified })
                {
                    // How old it is decides whether it may be deleted.
                    throw new IOException($"The server lists '{found.Key}' without its size and time, so it is none that can be used.");
                }

                yield return new StoredObject(found.Key[_options.Prefix.Length..], size, new DateTimeOffset(modified.ToUniversalTime()));
            }

            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);
    }

    public async Task<bool> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            PutObjectRequest request = RequestOf(name, content);
            request.IfNoneMatch = "*";
            try
            {
                await _client.PutObjectAsync(request, cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.PreconditionFailed)
            {
                return false;
            }
            catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.Conflict && attempt < MostAttempts)
            {
                // Others write the same name at this moment, and the server lets nobody win yet.
                await Task.Delay(Pause, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (IsFailure(e))
            {
                throw Failed("written", name, e);
            }
        }
    }

    public Task PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => content.Length > _options.PartBytes
        ? PutInPartsAsync(name, content, cancellationToken)
        : ReplaceAsync(name, content, cancellationToken);

    public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        TryAsync("written", name, () => _client.PutObjectAsync(RequestOf(name, content), cancellationToken));

    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        TryAsync("deleted", name, () => _client.DeleteObjectAsync(_options.Bucket, KeyOf(name), cancellationToken));

    public async Task<int> RemoveUnfinishedAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken)
    {
        int removed = 0;
        ListMultipartUploadsRequest request = new() { BucketName = _options.Bucket, Prefix = KeyOf(prefix) };
        bool isMore = true;
        while (isMore)
        {
            ListMultipartUploadsResponse page = await TryAsync(
                "listed", prefix, () => _client.ListMultipartUploadsAsync(request, cancellationToken)).ConfigureAwait(false);
            foreach (MultipartUpload upload in (page.MultipartUploads ?? []).Where(upload => upload.Initiated?.ToUniversalTime() < before.UtcDateTime))
            {
                await TryAsync(
                    "given up", prefix, () => _client.AbortMultipartUploadAsync(_options.Bucket, upload.Key, upload.UploadId, cancellationToken))
                    .ConfigureAwait(false);
                removed++;
            }

            isMore = page.IsTruncated == true;
            (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }

        return removed;
    }

    public void Dispose() => _client.Dispose();

    private static async Task<byte[]> ReadAsync(GetObjectResponse response, CancellationToken cancellationToken)
    {
        byte[] content = new byte[response.ContentLength];
        await response.ResponseStream.ReadExactlyAsync(content, cancellationToken).ConfigureAwait(false);
        return content;
    }

    /// <summary>The length of the whole object, from an answer to a request for a part of it; null when the server has sent all.</summary>
    private static long? LengthOf(GetObjectResponse response) =>
        response.ContentRange is { } range && long.TryParse(range.AsSpan(range.LastIndexOf('/') + 1), out long length) ? length : null;

    /// <summary>A missing bucket is no missing object: a history must not look empty because of a misspelt name.</summary>
    private static bool IsBucketMissing(AmazonS3Exception e) => e.ErrorCode == "NoSuchBucket";

    private byte[] ReadRange(string name, long from, int count) => TryAsync(
        "read",
        name,
        async () =>
        {
            GetObjectRequest request = new() { BucketName = _options.Bucket, Key = KeyOf(name), ByteRange = new ByteRange(from, from + count - 1) };
            using GetObjectResponse response = await _client.GetObjectAsync(request).ConfigureAwait(false);
            return await ReadAsync(response, CancellationToken.None).ConfigureAwait(false);
        }).GetAwaiter().GetResult();

    private async Task PutInPartsAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        string key = KeyOf(name);
        InitiateMultipartUploadResponse upload = await TryAsync(
            "written", name, () => _client.InitiateMultipartUploadAsync(_options.Bucket, key, cancellationToken)).ConfigureAwait(false);
        try
        {
            List<PartETag> parts = [];
            for (int start = 0; start < content.Length; start += _options.PartBytes)
            {
                UploadPartRequest request = new()
                {
                    BucketName = _options.Bucket,
                    Key = key,
                    UploadId = upload.UploadId,
                    PartNumber = parts.Count + 1,
                    InputStream = StreamOf(content.Slice(start, Math.Min(_options.PartBytes, content.Length - start))),
                };
                UploadPartResponse part = await _client.UploadPartAsync(request, cancellationToken).ConfigureAwait(false);
                parts.Add(new PartETag(request.PartNumber.Value, part.ETag));
            }

            CompleteMultipartUploadRequest complete = new() { BucketName = _options.Bucket, Key = key, UploadId = upload.UploadId, PartETags = parts };
            await _client.CompleteMultipartUploadAsync(complete, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            await GiveUpAsync(key, upload.UploadId).ConfigureAwait(false);
            if (IsFailure(error))
            {
                throw Failed("written", name, error);
            }

            throw;
        }
    }

    /// <summary>Parts cost until they are given up; if that fails too, a vacuum does it.</summary>
    private async Task GiveUpAsync(string key, string upload)
    {
        try
        {
            await _client.AbortMultipartUploadAsync(_options.Bucket, key, upload, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (IsFailure(error))
        {
            // The error that led here is the one to tell.
        }
    }

    private async Task<T> TryAsync<T>(string what, string name, Func<Task<T>> request)
    {
        try
        {
            return await request().ConfigureAwait(false);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Failed(what, name, e);
        }
    }

    /// <summary>
    /// Whether the server refused something, could not be reached, or has not answered. The library passes on what the way to the server throws as it is.
    /// </summary>
    private static bool IsFailure(Exception error) => error
        is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or SocketException or TimeoutException
            or OperationCanceledException { InnerException: TimeoutException };

    private IOException Failed(string what, string name, Exception cause) => new(
        $"'{Describe(name)}' could not be {what}: {cause.Message.Trim().TrimEnd('.')}. " + Remedy(cause), cause);

    private string Remedy(Exception cause) => cause switch
    {
        AmazonS3Exception { ErrorCode: "NoSuchBucket" } => $"Make the bucket '{_options.Bucket}', or name another one.",
        AmazonServiceException { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } =>
            "See that the access key is right and has the rights that docs/history.md lists.",
        AmazonServiceException => "The server has refused it; its own log may say more.",
        AmazonClientException => "Give an access key, or one of the library's own ways to find one; docs/history.md names the settings.",
        _ => $"See that the server {(_options.Endpoint is { } endpoint ? $"'{endpoint}' " : "")}runs and can be reached.",
    };

    private PutObjectRequest RequestOf(string name, ReadOnlyMemory<byte> content) => new()
    {
        BucketName = _options.Bucket,
        Key = KeyOf(name),
        InputStream = StreamOf(content),
        UseChunkEncoding = false,
    };

    private static MemoryStream StreamOf(ReadOnlyMemory<byte> content) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(content, out ArraySegment<byte> array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(content.ToArray(), writable: false);

    private string KeyOf(string name) => _options.Prefix + name;
}
