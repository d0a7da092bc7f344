namespace Lambda.Log;

/// <summary>
/// The seats of the processes that share the work of a group. A process that comes in the place of one that was killed gets the seat that this one had, by which the group knows it
/// for the same.
/// </summary>
internal interface ISeats : IAsyncDisposable
{
    /// <summary>Takes the lowest seat of a group that nobody holds.</summary>
    /// <returns>The seat, which is held until it is disposed or the process ends; null when none can be had just now, which the log has said.</returns>
    ValueTask<ISeat?> TakeAsync(string group, CancellationToken cancellationToken);
}

/// <summary>A seat of a group that this process holds.</summary>
/// <remarks>
/// It is a name, and gives no rights: a process that has lost its seat without knowing may meet another one of the same name. The group then decides for the one that came later.
/// </remarks>
internal interface ISeat : IAsyncDisposable
{
    /// <summary>The same for everybody who holds this seat in turn, and no other seat's, also of other stores.</summary>
    string Name { get; }
}
