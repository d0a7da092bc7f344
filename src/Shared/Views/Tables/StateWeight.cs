using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Views.Partials;

namespace Lambda.Views.Tables;

/// <summary>
/// How much memory accumulators take that are more than a few numbers: sketches, sets, lists, whatever a user's aggregator keeps. Only they know, so some of
/// them are written as a store would have them now and then, and the rest is taken to be like those.
/// </summary>
internal sealed class StateWeight
{
    private const int MostSamples = 32;

    /// <summary>Samples are taken anew after so many events, which is about as often as partials are committed under load.</summary>
    private const int EventsBetween = 65_536;

    /// <summary>What is written is dense, with differences in place of numbers, while tables in memory are at most half full.</summary>
    private const int BytesPerWritten = 4;

    /// <summary>An object with its array.</summary>
    private const int BytesPerValue = 48;

    private readonly IReadOnlyList<ColumnBuffer> _columns;
    private readonly StateWriter _writer;
    private long _events = EventsBetween;
    private long _sampled;
    private long _samples;

    private StateWeight(IReadOnlyList<ColumnBuffer> columns)
    {
        _columns = columns;
        _writer = new StateWriter(columns);
    }

    /// <summary>For the accumulators of a view; null when all of them are of one size.</summary>
    public static StateWeight? Of(ViewDefinition view) =>
        view.Aggregates.Any(aggregate => aggregate.StateColumns.Any(column => column.Type is ColumnType.Bytes or ColumnType.String))
            ? new StateWeight(new PartialBatch(view.Layout).States)
            : null;

    /// <summary>Events or partials were added.</summary>
    public void OnAdded(int count) => _events += count;

    /// <summary>All slots are gone.</summary>
    public void Clear()
    {
        _events = EventsBetween;
        _sampled = 0;
        _samples = 0;
    }

    /// <summary>Roughly how many bytes slots take, besides those of the columns that they stand in.</summary>
    /// <param name="states">The columns of accumulators.</param>
    /// <param name="slots">How many slots they have.</param>
    public long ByteCount(ReadOnlySpan<AggregateState> states, int slots)
    {
        if (_events >= EventsBetween && slots > 0)
        {
            _events = 0;
            Sample(states, slots);
        }

        return _samples == 0 ? 0 : _sampled * slots / _samples;
    }

    private void Sample(ReadOnlySpan<AggregateState> states, int slots)
    {
        _samples = Math.Min(slots, MostSamples);
        for (long sample = 0; sample < _samples; sample++)
        {
            _writer.StartRow();
            foreach (AggregateState state in states)
            {
                state.Write((int)(sample * slots / _samples), _writer);
            }
        }

        _sampled = _columns.Sum(Weigh);
        foreach (ColumnBuffer column in _columns)
        {
            column.Clear();
        }
    }

    private static long Weigh(ColumnBuffer column)
    {
        long bytes = 0;
        for (int row = 0; row < column.Count; row++)
        {
            bytes += column switch
            {
                _ when column.IsNull(row) => 0,
                ColumnBuffer<byte[]> arrays => BytesPerValue + ((long)arrays[row].Length * BytesPerWritten),
                ColumnBuffer<string> texts => BytesPerValue + ((long)texts[row].Length * sizeof(char)),
                _ => 0,
            };
        }

        return bytes;
    }
}
