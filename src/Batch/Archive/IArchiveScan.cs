using Lambda.Batch.History;
using Lambda.Batch.History.Reading;
using Lambda.Events;

namespace Lambda.Batch.Archive;

/// <summary>Events in some files of an archive: those that a range takes, whatever values they have. Safe for use by several threads at once.</summary>
internal interface IArchiveScan
{
    /// <summary>The dates that have such files, in rising order.</summary>
    IReadOnlyList<DateOnly> Dates { get; }

    /// <inheritdoc cref="IArchiveSnapshot.OpenReader"/>
    /// <param name="projection">Which members.</param>
    /// <param name="dictionary">What the ids of strings refer to; it grows with what is read.</param>
    /// <param name="fields">What is read of the events' records.</param>
    IArchiveReader OpenReader(Projection projection, StringDictionary dictionary, RecordFields fields);
}

/// <summary>Reads an archive date by date into one batch. For one caller at a time.</summary>
internal interface IArchiveReader : IDisposable
{
    /// <summary>The events of a date, as one batch that is given again and again with the next rows in it.</summary>
    /// <exception cref="HistoryException">A file is missing or damaged.</exception>
    IAsyncEnumerable<EventBatch> ReadAsync(DateOnly date, CancellationToken cancellationToken);
}
