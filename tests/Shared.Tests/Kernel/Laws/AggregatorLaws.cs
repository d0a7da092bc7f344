using System.Globalization;
using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Testing.Oracle;
using Xunit;

namespace Lambda.Tests.Kernel.Laws;

/// <summary>What every aggregator promises, checked on lists of values. Equal means: the same bits at rest and the same bits as a result.</summary>
internal sealed class AggregatorLaws<TInput, TAccumulator, TResult>(IAggregator<TInput, TAccumulator, TResult> aggregator)
{
    public void Check(Random random, IReadOnlyList<TInput> values, string context)
    {
        string place = $"{aggregator.Signature}, {context}, values {string.Join(' ', values)}";
        string whole = Text(Of(values));
        TInput[] shuffled = [.. values];
        random.Shuffle(shuffled);
        Same(whole, Of(shuffled), "the order of values matters", place);

        int first = random.Next(values.Count + 1);
        int second = random.Next(first, values.Count + 1);
        TAccumulator Left() => Of(values.Take(first));
        TAccumulator Middle() => Of(values.Take(second).Skip(first));
        TAccumulator Right() => Of(values.Skip(second));
        Same(whole, Merged(Merged(Left(), Middle()), Right()), "a merge from the left is not the whole", place);
        Same(whole, Merged(Left(), Merged(Middle(), Right())), "a merge from the right is not the whole", place);
        Same(whole, Merged(Merged(Right(), Left()), Middle()), "the order of a merge matters", place);
        Same(whole, Merged(Of(values), Of([])), "merging nothing changes the state", place);
        Same(whole, Merged(Of([]), Of(values)), "merging into nothing is not a copy", place);
        Same(whole, RoundTrip(Of(values)), "reading gives another state than was written", place);
        Same(whole, Merged(RoundTrip(Left()), RoundTrip(Merged(RoundTrip(Middle()), Right()))), "states that were at rest merge otherwise", place);

        TAccumulator other = Middle();
        string before = Text(other);
        TAccumulator target = Merged(Of([]), other);
        foreach (TInput value in values)
        {
            aggregator.Add(ref target, value);
        }

        Same(before, other, "a merged state shares something with its source", place);
    }

    public TAccumulator Of(IEnumerable<TInput> values)
    {
        TAccumulator accumulator = aggregator.CreateAccumulator();
        foreach (TInput value in values)
        {
            aggregator.Add(ref accumulator, value);
        }

        return accumulator;
    }

    /// <summary>The state at rest and the result, bit for bit.</summary>
    public string Text(TAccumulator accumulator) => $"{State(accumulator)} => {Result(accumulator)}";

    public string State(TAccumulator accumulator) => string.Join(' ', Write(accumulator).Select(column => Text(column.GetValue(0))));

    public string Result(TAccumulator accumulator) => Text(aggregator.GetResult(accumulator));

    /// <summary>The result of a state that is given as <see cref="State"/> writes it.</summary>
    public string ResultOfStored(params object?[] state)
    {
        List<ColumnBuffer> columns = [.. aggregator.StateColumns.Select(column => ColumnBuffer.Create(column.Type))];
        for (int i = 0; i < columns.Count; i++)
        {
            switch (columns[i])
            {
                case var column when state[i] is null:
                    column.AddNull();
                    break;
                case ColumnBuffer<byte[]> bytes:
                    bytes.Add(Convert.FromHexString((string)state[i]!));
                    break;
                case ColumnBuffer<Int128> integers:
                    integers.Add(Int128.Parse((string)state[i]!, CultureInfo.InvariantCulture));
                    break;
                case ColumnBuffer<long> integers:
                    integers.Add((long)state[i]!);
                    break;
                case ColumnBuffer<int> integers:
                    integers.Add((int)state[i]!);
                    break;
                case ColumnBuffer<double> numbers:
                    numbers.Add((double)state[i]!);
                    break;
                case ColumnBuffer<decimal> numbers:
                    numbers.Add((decimal)state[i]!);
                    break;
            }
        }

        return Result(Read(columns));
    }

    private TAccumulator Merged(TAccumulator into, TAccumulator other)
    {
        aggregator.Merge(ref into, in other);
        return into;
    }

    private TAccumulator RoundTrip(TAccumulator accumulator) => Read(Write(accumulator));

    private TAccumulator Read(List<ColumnBuffer> columns)
    {
        StateReader reader = new(columns);
        reader.MoveTo(0, 0);
        return aggregator.Read(reader);
    }

    private List<ColumnBuffer> Write(TAccumulator accumulator)
    {
        List<ColumnBuffer> columns = [.. aggregator.StateColumns.Select(column => ColumnBuffer.Create(column.Type))];
        StateWriter writer = new(columns);
        writer.StartRow();
        aggregator.Write(in accumulator, writer);
        Assert.All(columns, column => Assert.Equal(1, column.Count));
        Assert.All(
            columns.Zip(aggregator.StateColumns),
            pair => Assert.True(pair.Second.IsNullable || !pair.First.IsNull(0), $"{pair.Second} is written as null"));
        return columns;
    }

    private void Same(string expected, TAccumulator actual, string what, string place)
    {
        string text = Text(actual);
        Assert.True(expected == text, $"{place}: {what}: {expected} and {text}");
    }

    private static string Text(object? value) => value is byte[] bytes ? Convert.ToHexStringLower(bytes) : new OracleRow([value], 0, 0, 0, []).ToString()
        .Split(']')[0][1..];
}
