namespace Lambda.Batch.Recompute.Parts;

/// <summary>Hands parts out to the batch processes that share it. What it throws is of the storage behind it.</summary>
internal interface IPartQueue
{
    /// <summary>Hands a part out.</summary>
    /// <returns>The id of its job.</returns>
    string Enqueue(string stream, Guid run, int part);

    /// <summary>Hands a part out again that has ended, or whose worker is gone; nothing when its job is waiting.</summary>
    void EnqueueAgain(string job);

    /// <summary>Takes a part back: nobody begins it any more, and who is at work on it is told to stop. One that has come to its end stays as it is.</summary>
    void Withdraw(string job);

    /// <summary>Where a part stands.</summary>
    PartJobState Find(string job);

    /// <summary>By id, the last sign of life of those who take parts.</summary>
    IReadOnlyDictionary<string, DateTime> SignsOfLife();
}

/// <summary>Where a part stands.</summary>
internal abstract record PartJobState
{
    private PartJobState()
    {
    }

    /// <summary>Nobody has taken it yet.</summary>
    internal sealed record Waiting : PartJobState;

    /// <summary>Somebody is at work on it.</summary>
    /// <param name="Worker">Who, as in <see cref="IPartQueue.SignsOfLife"/>.</param>
    internal sealed record Working(string Worker) : PartJobState;

    /// <summary>Nobody will do anything more about it, whether it has a result or not.</summary>
    internal sealed record Ended : PartJobState;
}
