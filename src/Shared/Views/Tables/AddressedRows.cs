using Lambda.Events;

namespace Lambda.Views.Tables;

/// <summary>The rows of a batch that a view counts, with what decides which partial each belongs to.</summary>
/// <param name="batch">The events.</param>
/// <param name="rows">Per place the row of the batch.</param>
/// <param name="keys">Per place the id of its key.</param>
/// <param name="times">Per place its event time.</param>
/// <param name="watermarksBefore">Per row of the batch the watermark that judges it; empty when nothing is ever late.</param>
internal readonly ref struct AddressedRows(
    EventBatch batch, ReadOnlySpan<int> rows, ReadOnlySpan<int> keys, ReadOnlySpan<long> times, ReadOnlySpan<long> watermarksBefore)
{
    /// <summary>The number of places.</summary>
    public int Count => Keys.Length;

    /// <summary>The events.</summary>
    public EventBatch Batch { get; } = batch;

    /// <summary>Per place the row of the batch.</summary>
    public ReadOnlySpan<int> Rows { get; } = rows;

    /// <summary>Per place the id of its key.</summary>
    public ReadOnlySpan<int> Keys { get; } = keys;

    /// <summary>Per place its event time.</summary>
    public ReadOnlySpan<long> Times { get; } = times;

    /// <summary>Per row of the batch the watermark that judges it; empty when nothing is ever late.</summary>
    public ReadOnlySpan<long> WatermarksBefore { get; } = watermarksBefore;
}
