using System.Globalization;
using Lambda.Aggregation;

namespace Lambda.Testing;

/// <summary>
/// The laws of <see cref="IAggregator{TInput, TAccumulator, TResult}"/>, to be run on aggregators of your own:
/// <c>AggregatorLaws.Of(new Longest()).Check(random => random.Next(100), seed: 1)</c>.
/// </summary>
public static class AggregatorLaws
{
    /// <summary>The laws of one aggregator.</summary>
    public static AggregatorLaws<TInput, TAccumulator, TResult> Of<TInput, TAccumulator, TResult>(IAggregator<TInput, TAccumulator, TResult> aggregator)
    {
        ArgumentNullException.ThrowIfNull(aggregator);
        return new AggregatorLaws<TInput, TAccumulator, TResult>(aggregator);
    }
}

/// <summary>
/// Checks on lists of values that the order of events, the cuts between them and a stay at rest make no difference. Equal means: the same bits as a
/// result, and at rest.
/// </summary>
public sealed class AggregatorLaws<TInput, TAccumulator, TResult>
{
    /// <summary>How many random lists are checked unless told otherwise.</summary>
    public const int DefaultRounds = 300;

    private const int LongestList = 12;

    private readonly IAggregator<TInput, TAccumulator, TResult> _aggregator;
    private readonly StateAtRest<TInput, TAccumulator, TResult> _atRest;

    internal AggregatorLaws(IAggregator<TInput, TAccumulator, TResult> aggregator)
    {
        _aggregator = aggregator;
        _atRest = new StateAtRest<TInput, TAccumulator, TResult>(aggregator);
    }

    /// <summary>
    /// Checks the laws on no value, and on random lists of a few values. Values that <c>Add</c> refuses by throwing are left out, as their events are in both layers.
    /// </summary>
    /// <param name="value">Makes a value. Let it return the unusual ones often: extremes, equals, NaN, −0, the empty string.</param>
    /// <param name="seed">The same seed gives the same lists; a message about a broken law says it.</param>
    /// <param name="rounds">How many lists.</param>
    /// <exception cref="LawViolationException">A law is broken, or all values are refused.</exception>
    public void Check(Func<Random, TInput> value, int seed, int rounds = DefaultRounds)
    {
        ArgumentNullException.ThrowIfNull(value);
        Random random = new(seed);
        string context = string.Create(CultureInfo.InvariantCulture, $"seed {seed}");
        Check(random, [], context);
        bool anyTaken = rounds == 0;
        for (int round = 0; round < rounds; round++)
        {
            TInput[] values = new TInput[random.Next(1, LongestList)];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = value(random);
            }

            anyTaken |= Check(random, values, context);
        }

        if (!anyTaken)
        {
            throw new LawViolationException($"{_aggregator.Signature}, {context}: Add refuses every value that was made, so no law was checked.");
        }
    }

    /// <summary>Checks the laws on one list of values, which may be long; values that <c>Add</c> refuses are left out.</summary>
    /// <param name="values">The values.</param>
    /// <param name="seed">Decides where the list is cut and how it is shuffled.</param>
    /// <exception cref="LawViolationException">A law is broken.</exception>
    public void CheckList(IReadOnlyList<TInput> values, int seed)
    {
        ArgumentNullException.ThrowIfNull(values);
        Check(new Random(seed), values, string.Create(CultureInfo.InvariantCulture, $"seed {seed}"));
    }

    /// <returns>Whether a value was taken.</returns>
    private bool Check(Random random, IReadOnlyList<TInput> values, string context)
    {
        TInput[] taken = [.. values.Where(IsTaken)];
        try
        {
            CheckTaken(random, taken, context);
        }
        catch (Exception error) when (error is not LawViolationException)
        {
            throw new LawViolationException(
                $"{Place(context, taken)}: it throws {error.GetType().Name} ({error.Message}), although Add takes each of these values alone", error);
        }

        return taken.Length > 0;
    }

    /// <summary>As the layers try it: on an accumulator that is then thrown away.</summary>
    private bool IsTaken(TInput value)
    {
        try
        {
            Of([value]);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private void CheckTaken(Random random, TInput[] values, string context)
    {
        Case at = new(this, Place(context, values), Text(Of(values)));
        TInput[] shuffled = [.. values];
        random.Shuffle(shuffled);
        at.Same(Of(shuffled), "the order of values matters");

        int first = random.Next(values.Length + 1);
        int second = random.Next(first, values.Length + 1);
        TAccumulator Left() => Of(values.Take(first));
        TAccumulator Middle() => Of(values.Take(second).Skip(first));
        TAccumulator Right() => Of(values.Skip(second));
        at.Same(Merged(Merged(Left(), Middle()), Right()), "a merge from the left is not the whole");
        at.Same(Merged(Left(), Merged(Middle(), Right())), "a merge from the right is not the whole");
        at.Same(Merged(Merged(Right(), Left()), Middle()), "the order of a merge matters");
        at.Same(Merged(Of(values), Of([])), "merging nothing changes the state");
        at.Same(Merged(Of([]), Of(values)), "merging into nothing is not a copy");
        at.Same(_atRest.RoundTrip(Of(values)), "reading gives another state than was written");
        at.Same(
            Merged(_atRest.RoundTrip(Left()), _atRest.RoundTrip(Merged(_atRest.RoundTrip(Middle()), Right()))),
            "states that were at rest merge otherwise");
        CheckThatMergesShareNothing(values, Middle(), context);
    }

    private void CheckThatMergesShareNothing(TInput[] values, TAccumulator source, string context)
    {
        Case at = new(this, Place(context, values), Text(source));
        TAccumulator target = Merged(Of([]), source);
        foreach (TInput value in values)
        {
            _aggregator.Add(ref target, value);
        }

        at.Same(source, "a merged state shares something with its source");
        at.Same(source, "reading a state twice gives two answers");
    }

    /// <summary>The state of these values.</summary>
    internal TAccumulator Of(IEnumerable<TInput> values)
    {
        TAccumulator accumulator = _aggregator.CreateAccumulator();
        foreach (TInput value in values)
        {
            _aggregator.Add(ref accumulator, value);
        }

        return accumulator;
    }

    /// <summary>The state at rest and the result, bit for bit.</summary>
    internal string Text(TAccumulator accumulator) => $"{_atRest.Text(accumulator)} => {Result(accumulator)}";

    /// <summary>The result, bit for bit.</summary>
    internal string Result(TAccumulator accumulator) => BitText.Of(_aggregator.GetResult(in accumulator));

    private TAccumulator Merged(TAccumulator into, TAccumulator other)
    {
        _aggregator.Merge(ref into, in other);
        return into;
    }

    private string Place(string context, IReadOnlyList<TInput> values) =>
        $"{_aggregator.Signature}, {context}, values [{string.Join(' ', values.Select(value => BitText.Of(value)))}]";

    /// <summary>What is compared with what, and what to say about it.</summary>
    private readonly record struct Case(AggregatorLaws<TInput, TAccumulator, TResult> Laws, string Place, string Expected)
    {
        public void Same(TAccumulator actual, string broken)
        {
            string text = Laws.Text(actual);
            if (Expected != text)
            {
                throw new LawViolationException($"{Place}: {broken}: {Expected} and {text}");
            }
        }
    }
}
