namespace Lambda.Log.Kafka.Reading;

/// <summary>
/// For how long records that the brokers have have not come. Counts from the first answer that there are some, and anew after one that was long in coming:
/// brokers that were away have to be found again by the reader too, and theirs was the delay.
/// </summary>
internal sealed class Overdue(TimeProvider time)
{
    /// <summary>How long an answer takes of brokers that were not away.</summary>
    public static readonly TimeSpan PromptAnswer = TimeSpan.FromSeconds(2);

    private long? _since;

    /// <summary>Takes note of an answer that there are records.</summary>
    /// <param name="asked">When it was asked for, as a timestamp of the clock.</param>
    /// <returns>How long they have been overdue.</returns>
    public TimeSpan Answered(long asked)
    {
        long now = time.GetTimestamp();
        if (_since is null || time.GetElapsedTime(asked, now) > PromptAnswer)
        {
            _since = now;
        }

        return time.GetElapsedTime(_since.Value, now);
    }
}
