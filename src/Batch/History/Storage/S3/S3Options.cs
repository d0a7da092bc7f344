namespace Lambda.Batch.History.Storage.S3;

/// <summary>Where in an S3-compatible object storage a history lies. Validated when it is made.</summary>
internal sealed record S3Options
{
    /// <summary>The bucket; it has to be there.</summary>
    public required string Bucket { get; init; }

    /// <summary>What the names of all objects begin with, such as <c>lambda/orders/</c>; empty for none.</summary>
    public string Prefix
    {
        get;
        init => field = value.Length == 0 ? value : value.Trim('/') + "/";
    } = "";

    /// <summary>The server; null for Amazon's of the region.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The region, which requests are signed for; null to find it as Amazon's tools do.</summary>
    public string? Region { get; init; }

    /// <summary>The access key; null to find key and secret as Amazon's tools do: environment, profile, role of the machine.</summary>
    public string? AccessKey { get; init; }

    /// <summary>The secret of the access key.</summary>
    public string? SecretKey { get; init; }

    /// <summary>Whether the bucket is part of the path instead of the host's name, as most servers but Amazon's want it.</summary>
    public bool UsesPathStyle { get; init; }

    /// <summary>From how many bytes on an object is written in parts.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than the 5 MiB that a part must have.</exception>
    public int PartBytes
    {
        get;
        init => field = value >= 5 << 20 ? value : throw new ArgumentOutOfRangeException(nameof(PartBytes), value, "Give 5 MiB or more.");
    } = 16 << 20;

    /// <summary>How many objects are asked for in one page of a listing.</summary>
    public int PageObjects { get; init; } = 1000;

    /// <summary>Where it is, without who asks.</summary>
    public override string ToString() => $"s3://{Bucket}/{Prefix}";

    /// <summary>Reads a location such as <c>s3://bucket/some/prefix</c>.</summary>
    /// <returns>Bucket and prefix; null when it is no such location.</returns>
    public static (string Bucket, string Prefix)? Parse(string location) =>
        location.StartsWith("s3://", StringComparison.OrdinalIgnoreCase) && location["s3://".Length..].Split('/', 2) is [{ Length: > 0 } bucket, .. var prefix]
            ? (bucket, prefix is [{ } path] ? path : "")
            : null;
}
