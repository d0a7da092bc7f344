using Lambda.Aggregation;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Testing;
using Lambda.Tests.Kernel.Streams;
using Lambda.Views;
using Lambda.Views.Composing;
using Xunit;
using static Lambda.Tests.Kernel.Definition.Evaluation;

namespace Lambda.Tests.Kernel.Definition;

public sealed class ThrowingAggregatorTests
{
    private static readonly Reading[] Events =
        [.. Enumerable.Range(0, 10).Select(i => new Reading($"{i}", DateTimeOffset.UnixEpoch) { Count = i, Amount = i, MaybeAmount = i == 6 ? null : i })];

    [Fact]
    public void An_event_whose_value_an_aggregator_refuses_counts_in_no_view_and_is_reported_once()
    {
        StreamBuilder<Reading> builder = new StreamBuilder<Reading>("readings").EventTime(e => e.Time);
        builder.View("counts").Window(Hours).Aggregate(a => new { N = a.Count() });
        builder.View("refuses").Where(e => e.Count != 4).Window(Hours).Aggregate(a => new
        {
            N = a.Count(),
            V = a.Custom(new Picky(), e => e.Amount),
            W = a.Custom(new Picky(), e => 12 / (e.Amount - 3)),
        });
        StreamDefinition stream = Catalog.Build([builder]).Streams[0];

        IReadOnlyList<WindowRow> rows = Rows(stream, Events, out IReadOnlyList<FailedRow> failures);

        // Row 3 divides by zero, 0 and 8 are multiples of 8 in the one and 9 gives 2 in the other; row 4 is filtered out.
        Assert.Equal([0, 3, 8], failures.Select(failure => failure.Row).Order());
        Assert.Equal("view 'refuses', aggregate 'v': ArgumentException: not 8", failures.Single(failure => failure.Row == 8).Detail);
        Assert.Equal([7L], rows[0].Results);
        Assert.Equal([6L, 1L + 2 + 5 + 6 + 7 + 9, -6L - 12 + 6 + 4 + 3 + 2], rows[1].Results);
    }

    [Fact]
    public void Both_layers_leave_the_same_events_out()
    {
        StreamBuilder<Reading> stream = new StreamBuilder<Reading>("readings").EventTime(e => e.Time).EventId(e => e.Id).PartitionBy(e => e.Unit);
        DeclaredView<Reading, NoKey, Totals> view = stream.View("totals").Window(Hours)
            .Aggregate(a => new Totals(a.Count(), a.Custom(new Picky(), e => e.Amount)));
        var driver = StreamTestDriver.For(stream, startingAt: DateTimeOffset.UnixEpoch);
        foreach (Reading each in Events)
        {
            driver.Send(each);
        }

        Totals expected = new(8, 45 - 8);
        Assert.Equal([expected], driver.Read(view).Speed.Select(row => row.Result));
        driver.RunBatch();
        Assert.Equal([expected], driver.Read(view).Batch.Select(row => row.Result));
        Assert.All(driver.Read(view).Comparison, window => Assert.Null(window.Unexplained));
        Assert.Equal([RejectReason.ExpressionFailed, RejectReason.ExpressionFailed], driver.Quarantine.Select(refused => refused.Reason));
        Assert.Contains("view 'totals', aggregate 'sum': ArgumentException: not 8", driver.Quarantine.Select(refused => refused.Detail));
    }

    [Fact]
    public void An_event_goes_to_quarantine_as_a_whole_for_one_of_its_elements()
    {
        Basket[] baskets = [new(DateTimeOffset.UnixEpoch, [1, 2]), new(DateTimeOffset.UnixEpoch, [3, 16, 24]), new(DateTimeOffset.UnixEpoch, [4])];
        StreamBuilder<Basket> stream = new StreamBuilder<Basket>("baskets").EventTime(e => e.Time);
        stream.View("baskets").Window(Hours).Aggregate(a => new { N = a.Count() });
        stream.SelectMany(e => e.Prices).View("prices").Window(Hours)
            .Aggregate(a => new { Sum = a.Custom(new Picky(), price => price) });
        var driver = StreamTestDriver.For(stream, startingAt: DateTimeOffset.UnixEpoch);
        foreach (Basket each in baskets)
        {
            driver.Send(each);
        }

        Assert.Equal(2L, Assert.Single(driver.Read("baskets").Merged).Result.Get<long>("n"));
        Assert.Equal(7L, Assert.Single(driver.Read("prices").Merged).Result.Get<long>("sum"));
        QuarantinedEvent refused = Assert.Single(driver.Quarantine);
        Assert.Equal("view 'prices', aggregate 'sum': ArgumentException: not 16", refused.Detail);
        Assert.Contains("[3,16,24]", System.Text.Encoding.UTF8.GetString(refused.Value.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Whether_a_value_is_refused_does_not_depend_on_the_batch()
    {
        StreamDefinition stream = Define(view => view.Window(Hours).Aggregate(a => new { V = a.Custom(new Picky(), e => e.MaybeAmount ?? 1) }));
        Assert.Equal([0, 8], Failed(stream, Events));
        Assert.All(Events, each => Assert.Equal(each.Count is 0 or 8 ? [0] : [], Failed(stream, [each])));
    }

    [Fact]
    public void A_value_that_is_refused_only_after_others_is_an_error_that_says_where()
    {
        StreamDefinition stream = Define(view => view.Window(Hours).Aggregate(a => new { V = a.Custom(new SmallSum(), e => e.Amount) }));

        AggregatorException error = Assert.Throws<AggregatorException>(() => Rows(stream, Events, out _));
        Assert.StartsWith("View 'by_site', aggregate 'v': Add of its aggregator threw OverflowException", error.Message, StringComparison.Ordinal);
        Assert.IsType<OverflowException>(error.InnerException);
    }

    [Theory]
    [InlineData("Write")]
    [InlineData("GetResult")]
    [InlineData("Merge")]
    public void What_else_an_aggregator_throws_says_where_and_what_to_do(string step)
    {
        StreamDefinition stream = Define(view => view.Window(Hours).Aggregate(a => new { V = a.Custom(new Faulty(step), e => e.Amount) }));

        AggregatorException error = Assert.Throws<AggregatorException>(() => Rows(stream, Events, out _));
        Assert.Matches($"^View 'by_site', aggregate 'v': .*{step} of its aggregator threw InvalidOperationException: no .*must not throw", error.Message);
    }

    [Theory]
    [InlineData("none", "wrote 1 values for 2 StateColumns")]
    [InlineData("two", "wrote 3 values for 2 StateColumns")]
    [InlineData("null", "wrote null into state column 'name', which is not declared nullable")]
    [InlineData("read two", "read 3 values of 2 StateColumns")]
    public void A_state_that_is_not_as_declared_says_where_and_gets_into_no_other_columns(string what, string fault)
    {
        StreamDefinition stream = Define(view => view.Window(Hours)
            .Aggregate(a => new { V = a.Custom(new Careless(what), e => e.Amount), W = a.Custom(new Careless(""), e => e.Amount) }));

        AggregatorException error = Assert.Throws<AggregatorException>(() => Rows(stream, Events, out _));
        Assert.StartsWith("View 'by_site', aggregate 'v': ", error.Message, StringComparison.Ordinal);
        Assert.Contains($"of its aggregator {fault}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_aggregator_that_has_no_accumulator_of_nothing_is_refused_at_once()
    {
        DefinitionException error = Assert.Throws<DefinitionException>(
            () => Define(view => view.Window(Hours).Aggregate(a => new { V = a.Custom(new Faulty("CreateAccumulator"), e => e.Amount) })));
        Assert.StartsWith("View 'by_site', aggregate 'v': CreateAccumulator of Faulty threw", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_whose_message_cannot_be_read_is_reported_all_the_same()
    {
        StreamDefinition stream = Define(view => view.Window(Hours).Aggregate(a => new { V = a.Sum(e => Mute(e.Count)) }));
        Rows(stream, Events, out IReadOnlyList<FailedRow> failures);
        Assert.All(failures, failure => Assert.Equal("view 'by_site': MuteException (reading its message threw NotSupportedException)", failure.Detail));
        Assert.Equal(Events.Length, failures.Count);
    }

    private static int[] Failed(StreamDefinition stream, IReadOnlyList<Reading> events)
    {
        Rows(stream, events, out IReadOnlyList<FailedRow> failures);
        return [.. failures.Select(failure => failure.Row)];
    }

    private static int Mute(int value) => value >= 0 ? throw new MuteException() : value;

    public sealed record Basket(DateTimeOffset Time, IReadOnlyList<long> Prices);

    private sealed record Totals(long Events, long Sum);

    private sealed class MuteException : Exception
    {
        public override string Message => throw new NotSupportedException();
    }

    /// <summary>A sum that calls its own functions on the way, so that tests can make them throw.</summary>
    private abstract class Sum : IAggregator<long, long, long>
    {
        public string Signature => "test sum";

        public IReadOnlyList<StateColumn> StateColumns => [new("", ColumnType.Int64)];

        public virtual long CreateAccumulator() => 0;

        public virtual void Add(ref long accumulator, long value) => accumulator += value;

        public virtual void Merge(ref long accumulator, in long other) => accumulator += other;

        public virtual long GetResult(in long accumulator) => accumulator;

        public virtual void Write(in long accumulator, StateWriter writer) => writer.WriteInt64(accumulator);

        public long Read(StateReader reader) => reader.ReadInt64();
    }

    /// <summary>Takes no multiples of eight.</summary>
    private sealed class Picky : Sum
    {
        public override void Add(ref long accumulator, long value) =>
            accumulator += value % 8 == 0 ? throw new ArgumentException($"not {value}") : value;
    }

    /// <summary>Overflows above twenty.</summary>
    private sealed class SmallSum : Sum
    {
        public override void Add(ref long accumulator, long value) =>
            accumulator = accumulator + value > 20 ? throw new OverflowException("full") : accumulator + value;
    }

    /// <summary>Throws in one of its functions.</summary>
    private sealed class Faulty(string step) : Sum
    {
        public override long CreateAccumulator() => Throw(nameof(CreateAccumulator), 0);

        public override void Merge(ref long accumulator, in long other) => accumulator += Throw(nameof(Merge), other);

        public override long GetResult(in long accumulator) => Throw(nameof(GetResult), accumulator);

        public override void Write(in long accumulator, StateWriter writer) => writer.WriteInt64(Throw(nameof(Write), accumulator));

        private long Throw(string here, long value) => here == step ? throw new InvalidOperationException($"no {here}") : value;
    }

    /// <summary>A sum that does not always write, or read, what it has declared.</summary>
    private sealed class Careless(string what) : IAggregator<long, long, long>
    {
        public string Signature => $"careless {what}";

        public IReadOnlyList<StateColumn> StateColumns => [new("sum", ColumnType.Int64), new("name", ColumnType.String)];

        public long CreateAccumulator() => 0;

        public void Add(ref long accumulator, long value) => accumulator += value;

        public void Merge(ref long accumulator, in long other) => accumulator += other;

        public long GetResult(in long accumulator) => accumulator;

        public void Write(in long accumulator, StateWriter writer)
        {
            writer.WriteInt64(accumulator);
            if (what == "none")
            {
                return;
            }

            writer.WriteString(what == "null" ? null! : "a name");
            if (what == "two")
            {
                writer.WriteInt64(accumulator);
            }
        }

        public long Read(StateReader reader)
        {
            long sum = reader.ReadInt64();
            reader.Skip();
            if (what == "read two")
            {
                reader.Skip();
            }

            return sum;
        }
    }
}
