using Lambda.Batch.History.Storage.S3;

namespace Lambda.Batch.History.Storage;

/// <summary>Where histories lie.</summary>
internal abstract record HistoryLocation
{
    private HistoryLocation()
    {
    }

    /// <summary>Opens the storage.</summary>
    public abstract IObjectStorage Open();

    /// <summary>A folder of this machine, or one that it has mounted.</summary>
    /// <param name="Path">The folder; made when it is missing.</param>
    internal sealed record Folder(string Path) : HistoryLocation
    {
        public override IObjectStorage Open() => new LocalObjectStorage(Path);
    }

    /// <summary>An S3-compatible object storage.</summary>
    /// <param name="Options">Bucket, prefix, server.</param>
    internal sealed record InS3(S3Options Options) : HistoryLocation
    {
        public override IObjectStorage Open() => new S3ObjectStorage(Options);
    }
}
