using Lambda.Batch.History.Storage.S3;

namespace Lambda.Batch.History.Storage;

/// <summary>Where histories lie.</summary>
internal abstract record HistoryLocation
{
    private HistoryLocation()
    {
    }

    /// <summary>Opens the storage.</summary>
    /// <param name="time">By which is waited between attempts.</param>
    public abstract IObjectStorage Open(TimeProvider time);

    /// <summary>A folder of this machine, or one that it has mounted.</summary>
    /// <param name="Path">The folder; made when it is missing.</param>
    internal sealed record Folder(string Path) : HistoryLocation
    {
        public override IObjectStorage Open(TimeProvider time) => new LocalObjectStorage(Path);
    }

    /// <summary>An S3-compatible object storage.</summary>
    /// <param name="Options">Bucket, prefix, server.</param>
    internal sealed record InS3(S3Options Options) : HistoryLocation
    {
        public override IObjectStorage Open(TimeProvider time) => new S3ObjectStorage(Options, time);
    }
}
