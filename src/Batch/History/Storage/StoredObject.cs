namespace Lambda.Batch.History.Storage;

/// <summary>An object in a listing.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="ModifiedAt">When it was written, by the storage's clock.</param>
internal readonly record struct StoredObject(string Name, long Size, DateTimeOffset ModifiedAt);
