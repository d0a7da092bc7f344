using Lambda.Expressions;

namespace Lambda.Aggregation;

/// <summary>The accumulators of a user's aggregator.</summary>
/// <param name="inner">The accumulators.</param>
/// <param name="columns">The columns that a state has at rest.</param>
/// <param name="place">View and aggregate, in words.</param>
internal sealed class UserState(AggregateState inner, IReadOnlyList<StateColumn> columns, string place) : AggregateState, IRehearsal
{
    private const string NoThrow = "It must not throw for any state: let GetResult say what there is no result for, and refuse values in Add.";

    /// <summary>View and aggregate, in words.</summary>
    public string Place => place;

    public override void EnsureSlots(int slots) => Guard("CreateAccumulator", () => inner.EnsureSlots(slots));

    public override void Add(ReadOnlySpan<int> slots, AggregateInput input)
    {
        try
        {
            inner.Add(slots, input);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw Failed("Add", error, "It took the same value into a new accumulator. Whether a value is refused must not depend on those before it, because "
                + "they come in any order and are cut into partials anywhere: widen the state, so that it cannot overflow, or refuse by the value alone.");
        }
    }

    /// <inheritdoc/>
    public void Rehearse(int count, AggregateInput input, KernelProgress progress) => ((IRehearsal)inner).Rehearse(count, input, progress);

    public override void Merge(int slot, StateReader reader)
    {
        int first = reader.Place;
        Guard("Read or Merge", () => inner.Merge(slot, reader));
        if (reader.Place - first > columns.Count)
        {
            throw Wrong("Read", $"read {reader.Place - first} values of {columns.Count} StateColumns. What is behind these belongs to other aggregates.");
        }
    }

    public override void Merge(int slot, AggregateState other, int otherSlot) => Guard("Merge", () => inner.Merge(slot, Inner(other), otherSlot));

    public override void Merge(ReadOnlySpan<int> slots, AggregateState other, ReadOnlySpan<int> otherSlots)
    {
        try
        {
            inner.Merge(slots, Inner(other), otherSlots);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw Failed("Merge", error, NoThrow);
        }
    }

    public override void Write(int slot, StateWriter writer)
    {
        int first = writer.Place;
        Guard("Write", () => inner.Write(slot, writer));
        if (writer.FaultFrom(first, columns) is { } fault)
        {
            throw Wrong("Write", fault);
        }
    }

    public override object? GetResult(int slot)
    {
        object? result = null;
        Guard("GetResult", () => result = inner.GetResult(slot));
        return result;
    }

    public override ResultColumn CreateResults() => inner.CreateResults();

    public override void WriteResults(ReadOnlySpan<int> slots, ResultColumn destination)
    {
        try
        {
            inner.WriteResults(slots, destination);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw Failed("GetResult", error, NoThrow);
        }
    }

    public override void Keep(ReadOnlySpan<int> slots) => inner.Keep(slots);

    public override void Clear() => inner.Clear();

    private static AggregateState Inner(AggregateState state) => state is UserState user ? user.Inner() : state;

    private AggregateState Inner() => inner;

    private void Guard(string step, Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw Failed(step, error, NoThrow);
        }
    }

    private AggregatorException Failed(string step, Exception error, string remedy) =>
        new($"{Beginning(step)} threw {ErrorText.Of(error)} {remedy}", error);

    private AggregatorException Wrong(string step, string fault) => new($"{Beginning(step)} {fault}");

    private string Beginning(string step) => $"{char.ToUpperInvariant(place[0])}{place[1..]}: {step} of its aggregator";
}
