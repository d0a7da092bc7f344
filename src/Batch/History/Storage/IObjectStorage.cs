namespace Lambda.Batch.History.Storage;

/// <summary>
/// Where the history's files lie: a flat space of immutable objects under names with '/' as separator. An object is seen whole or not at
/// all when it was put if absent; one put plainly may be seen in part after a crash, so it is named by nobody until it was acknowledged.
/// </summary>
/// <remarks>Every call that has returned is durable. All members may be used by several threads at once.</remarks>
internal interface IObjectStorage
{
    /// <summary>The object as messages name it: a path or an address.</summary>
    string Describe(string name);

    /// <summary>The path of the object as a file of this machine, for programs that read files only; null when it is none.</summary>
    string? FindFile(string name);

    /// <summary>The whole object; null when there is none.</summary>
    Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken);

    /// <summary>Opens an object to read parts of it, by a stream that can seek; null when there is none.</summary>
    Task<Stream?> OpenReadAsync(string name, CancellationToken cancellationToken);

    /// <summary>The objects whose names begin with <paramref name="prefix"/>, in no particular order.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Writes an object unless there is one of that name already, which stays as it is. Of several that try at once, one wins.</summary>
    /// <returns>Whether this call wrote it.</returns>
    Task<bool> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Writes an object under a name that nobody else uses.</summary>
    Task PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Writes an object in place of the one of that name, if any. Readers see one of them whole; of several that try at once, one stays.</summary>
    Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Deletes an object; none of that name is no error.</summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes all objects whose names begin with a folder's, and what writers have left unfinished there. One that is written meanwhile may stay.
    /// </summary>
    /// <param name="folder">The folder, with a '/' at its end.</param>
    /// <param name="cancellationToken">Ends the work; what was deleted is gone.</param>
    async Task DeleteAllAsync(string folder, CancellationToken cancellationToken)
    {
        List<string> names = [];
        await foreach (StoredObject found in ListAsync(folder, cancellationToken).ConfigureAwait(false))
        {
            names.Add(found.Name);
        }

        foreach (string name in names)
        {
            await DeleteAsync(name, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Removes what writers that crashed have left unfinished; no such thing is ever an object.</summary>
    /// <param name="prefix">Only under names that begin with it.</param>
    /// <param name="before">Only what was begun earlier: a writer may still be at work on anything newer.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many unfinished objects were removed.</returns>
    Task<int> RemoveUnfinishedAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken);
}
