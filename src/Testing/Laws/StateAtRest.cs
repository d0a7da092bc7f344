using Lambda.Aggregation;
using Lambda.Events;

namespace Lambda.Testing;

/// <summary>Puts states of an aggregator into columns, as stores do, and takes them out again.</summary>
internal sealed class StateAtRest<TInput, TAccumulator, TResult>(IAggregator<TInput, TAccumulator, TResult> aggregator)
{
    /// <summary>The state after it was written and read.</summary>
    public TAccumulator RoundTrip(TAccumulator accumulator) => Read(Write(accumulator));

    /// <summary>The state at rest, bit for bit.</summary>
    public string Text(TAccumulator accumulator) => string.Join(' ', Write(accumulator).Select(column => BitText.Of(column.GetValue(0))));

    /// <summary>Reads a state from columns of one row.</summary>
    public TAccumulator Read(IReadOnlyList<ColumnBuffer> columns)
    {
        StateReader reader = new(columns);
        reader.MoveTo(0, 0);
        return aggregator.Read(reader);
    }

    /// <summary>Writes a state into columns of one row.</summary>
    public IReadOnlyList<ColumnBuffer> Write(TAccumulator accumulator)
    {
        List<ColumnBuffer> columns = [.. aggregator.StateColumns.Select(column => ColumnBuffer.Create(column.Type))];
        StateWriter writer = new(columns);
        writer.StartRow();
        aggregator.Write(in accumulator, writer);
        for (int i = 0; i < columns.Count; i++)
        {
            StateColumn declared = aggregator.StateColumns[i];
            if (columns[i].Count != 1)
            {
                throw new LawViolationException(
                    $"{aggregator.Signature}: Write gives {columns[i].Count} values for {declared}. Write one value per state column, in their order.");
            }

            if (columns[i].IsNull(0) && !declared.IsNullable)
            {
                throw new LawViolationException($"{aggregator.Signature}: Write gives null for {declared}. Declare the column nullable.");
            }
        }

        return columns;
    }
}
