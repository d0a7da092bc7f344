using Lambda.Log;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Xunit;

namespace Lambda.Tests.Store.Contract;

public abstract partial class ViewStoreContract
{
    [Fact]
    public async Task A_generation_carries_over_what_is_not_taken_out_and_the_one_before_it_keeps_all()
    {
        PartialLayout view = Sample.View();
        await StartAsync(view);
        BatchLease lease = await LeaseAsync();
        long first = await PublishAsync(lease, new Boundary([0]), Sample.Batch(view, ("a", 1, 1), ("a", 2, 2), (null, 1, 3), ("b", 1, 4)));
        long second = await BeginOnCurrentAsync(lease, view);
        Assert.Equal(
            ["a|1|0|1|10", "null|1|0|3|30"],
            Sample.Rows(await Store.TakeCarriedAsync(
                lease, second, PartialKind.Kept, Sample.Batch(view, ("a", 1, 9), (null, 1, 9), ("b", 2, 9)), Token)));
        await Store.WriteGenerationAsync(lease, second, PartialKind.Kept, Sample.Batch(view, ("a", 1, 8), ("c", 1, 5)), Token);
        string[] before = ["a|1|0|1|10", "a|2|0|2|20", "b|1|0|4|40", "null|1|0|3|30"];
        string[] after = ["a|1|0|8|80", "a|2|0|2|20", "b|1|0|4|40", "c|1|0|5|50"];
        Assert.Equal(before, await GenerationRowsAsync(view, first, PartialKind.Kept));
        Assert.Equal(before, Sample.Rows((await ReadAsync(view, ReadScope.Merged)).Batch[PartialKind.Kept]));
        Assert.Equal(after, await GenerationRowsAsync(view, second, PartialKind.Kept));

        await Store.PublishAsync(lease, second, Sample.Published(second, Time.GetUtcNow()), Token);
        await ReopenAsync();
        Assert.Equal(after, Sample.Rows((await ReadAsync(view, ReadScope.Merged)).Batch[PartialKind.Kept]));
        Assert.Equal(before, await GenerationRowsAsync(view, first, PartialKind.Kept));
        Assert.Equal(first, (await ReadAsync(view, ReadScope.Merged)).Generation!.Root);
    }

    /// <summary>As a run over many new events does: nearly all windows that it touches are younger than what is held, or older.</summary>
    [Fact]
    public async Task What_is_held_is_found_at_its_edges_among_many_partials_that_lie_beyond_them()
    {
        const int Hours = 3_000;
        PartialLayout view = Sample.View();
        await StartAsync(view);
        BatchLease lease = await LeaseAsync();
        long first = await PublishAsync(lease, new Boundary([0]), Sample.Batch(view, ("a", 1_400, 1), (null, 1_450, 2), ("a", 1_500, 3), ("z", 1_450, 4)));
        long second = await BeginOnCurrentAsync(lease, view);
        PartialBatch touched = Sample.Batch(view, [.. Enumerable.Range(0, Hours).SelectMany(hour => ((string?, int, long)[])[("a", hour, 9), (null, hour, 9)])]);

        Assert.Equal(
            ["a|1400|0|1|10", "a|1500|0|3|30", "null|1450|0|2|20"], Sample.Rows(await Store.TakeCarriedAsync(lease, second, PartialKind.Kept, touched, Token)));
        Assert.Equal(["z|1450|0|4|40"], await GenerationRowsAsync(view, second, PartialKind.Kept));
        Assert.Empty(Sample.Rows(await Store.TakeCarriedAsync(lease, second, PartialKind.Kept, touched, Token)));
        Assert.Empty(Sample.Rows(await Store.TakeCarriedAsync(lease, second, PartialKind.Quarantined, touched, Token)));
        Assert.Equal(
            ["a|1400|0|1|10", "a|1500|0|3|30", "null|1450|0|2|20", "z|1450|0|4|40"], await GenerationRowsAsync(view, first, PartialKind.Kept));
    }

    [Fact]
    public async Task Carried_partials_are_exchanged_at_once_or_not_at_all()
    {
        PartialLayout view = Sample.View();
        await StartAsync(view);
        BatchLease lease = await LeaseAsync();
        long first = await PublishAsync(lease, new Boundary([0]), Sample.Batch(view, ("a", 1, 1), ("a", 2, 2), (null, 1, 3)));
        string[] before = ["a|1|0|1|10", "a|2|0|2|20", "null|1|0|3|30"];
        long second = await BeginOnCurrentAsync(lease, view);
        PartialBatch touched = Sample.Batch(view, ("a", 1, 9), ("c", 1, 9));
        InvalidOperationException failure = new("nothing to put there");
        Assert.Same(failure, await Assert.ThrowsAsync<InvalidOperationException>(
            () => Store.ExchangeCarriedAsync(
                lease,
                second,
                [new(PartialKind.Kept, touched, _ => new PartialBatch(view)), new(PartialKind.Kept, Sample.Batch(view, ("a", 2, 1)), _ => throw failure)],
                Token).AsTask()));
        await Assert.ThrowsAsync<FencedException>(
            () => Store.ExchangeCarriedAsync(lease with { Fence = lease.Fence - 1 }, second, [new(PartialKind.Kept, touched, taken => taken)], Token).AsTask());
        Assert.Equal(before, await GenerationRowsAsync(view, second, PartialKind.Kept));

        IReadOnlyList<string> found = [];
        await Store.ExchangeCarriedAsync(
            lease,
            second,
            [
                new(PartialKind.Kept, touched, taken =>
                {
                    found = Sample.Rows(taken);
                    return Sample.Batch(view, ("a", 1, 8), ("c", 1, 5));
                }),
                new(PartialKind.Kept, Sample.Batch(view, ("a", 2, 1)), _ => new PartialBatch(view)),
            ],
            Token);
        Assert.Equal(["a|1|0|1|10"], found);
        string[] after = ["a|1|0|8|80", "c|1|0|5|50", "null|1|0|3|30"];
        Assert.Equal(after, await GenerationRowsAsync(view, second, PartialKind.Kept));
        Assert.Equal(before, await GenerationRowsAsync(view, first, PartialKind.Kept));

        await Store.PublishAsync(lease, second, Sample.Published(second, Time.GetUtcNow()), Token);
        await ReopenAsync();
        Assert.Equal(after, Sample.Rows((await ReadAsync(view, ReadScope.Merged)).Batch[PartialKind.Kept]));
    }

    [Fact]
    public async Task Carried_partials_of_several_views_are_exchanged_for_each_and_given_up_together()
    {
        PartialLayout one = Sample.View("one");
        PartialLayout other = Sample.View("other");
        await StartAsync(one, other);
        BatchLease lease = await LeaseAsync();
        long first = await PublishAsync(lease, new Boundary([0]), Sample.Batch(one, ("a", 1, 1)), Sample.Batch(other, ("a", 1, 3), ("b", 1, 4)));
        long second = await BeginOnCurrentAsync(lease, one, other);
        CarriedExchange ofOne = new(PartialKind.Kept, Sample.Batch(one, ("a", 1, 9)), taken => Sample.Batch(one, ("a", 1, taken.EventCounts[0] + 1)));
        CarriedExchange ofOther = new(PartialKind.Kept, Sample.Batch(other, ("a", 1, 9)), taken => Sample.Batch(other, ("a", 1, taken.EventCounts[0] + 1)));
        InvalidOperationException failure = new("nothing to put there");
        Assert.Same(failure, await Assert.ThrowsAsync<InvalidOperationException>(
            () => Store.ExchangeCarriedAsync(lease, second, [ofOne, ofOther, ofOther with { Replace = _ => throw failure }], Token).AsTask()));
        Assert.Equal(["a|1|0|3|30", "b|1|0|4|40"], await GenerationRowsAsync(other, second, PartialKind.Kept));
        await Store.DiscardAsync(lease, second, Token);

        long third = await BeginOnCurrentAsync(lease, one, other);
        await Store.ExchangeCarriedAsync(lease, third, [ofOne, ofOther, ofOne], Token);
        Assert.Equal(["a|1|0|3|30"], await GenerationRowsAsync(one, third, PartialKind.Kept));
        Assert.Equal(["a|1|0|4|40", "b|1|0|4|40"], await GenerationRowsAsync(other, third, PartialKind.Kept));
        Assert.Equal(["a|1|0|1|10"], await GenerationRowsAsync(one, first, PartialKind.Kept));
        Assert.Equal(["a|1|0|3|30", "b|1|0|4|40"], await GenerationRowsAsync(other, first, PartialKind.Kept));
        await Store.PublishAsync(lease, third, Sample.Published(third, Time.GetUtcNow()), Token);
        await ReopenAsync();
        Assert.Equal(["a|1|0|3|30"], Sample.Rows((await ReadAsync(one, ReadScope.Merged)).Batch[PartialKind.Kept]));
        Assert.Equal(["a|1|0|4|40", "b|1|0|4|40"], Sample.Rows((await ReadAsync(other, ReadScope.Merged)).Batch[PartialKind.Kept]));
    }

    [Fact]
    public async Task A_carried_generation_that_is_given_up_leaves_the_current_one_whole()
    {
        PartialLayout view = Sample.View();
        await StartAsync(view);
        BatchLease lease = await LeaseAsync();
        long first = await PublishAsync(lease, new Boundary([0]), Sample.Batch(view, ("a", 1, 1), ("b", 1, 4)));
        string[] expected = ["a|1|0|1|10", "b|1|0|4|40"];
        foreach (Func<long, ValueTask> giveUp in (Func<long, ValueTask>[])[
            generation => Store.DiscardAsync(lease, generation, Token),
            generation => Store.RejectAsync(lease, generation, Sample.Report(generation, AuditOutcome.Blocked, Time.GetUtcNow()), Token),
            _ => ValueTask.CompletedTask])
        {
            long unfinished = await BeginOnCurrentAsync(lease, view);
            Assert.Equal(["a|1|0|1|10"], Sample.Rows(
                await Store.TakeCarriedAsync(lease, unfinished, PartialKind.Kept, Sample.Batch(view, ("a", 1, 9)), Token)));
            await Store.WriteGenerationAsync(lease, unfinished, PartialKind.Kept, Sample.Batch(view, ("a", 1, 9)), Token);
            await giveUp(unfinished);
            Assert.Equal(expected, await GenerationRowsAsync(view, first, PartialKind.Kept));
        }

        long next = await BeginOnCurrentAsync(lease, view);
        Assert.Equal(expected, await GenerationRowsAsync(view, next, PartialKind.Kept));
        Assert.Equal(["a|1|0|1|10"], Sample.Rows(
            await Store.TakeCarriedAsync(lease, next, PartialKind.Kept, Sample.Batch(view, ("a", 1, 9)), Token)));
        await Store.PublishAsync(lease, next, Sample.Published(next, Time.GetUtcNow()), Token);
        Assert.Equal(["b|1|0|4|40"], Sample.Rows((await ReadAsync(view, ReadScope.Merged)).Batch[PartialKind.Kept]));
    }

    [Fact]
    public async Task Generations_that_share_rows_expire_one_by_one()
    {
        PartialLayout view = Sample.View();
        await StartAsync(view);
        BatchLease lease = await LeaseAsync();
        List<long> generations = [await PublishAsync(lease, new Boundary([0]), Sample.Batch(view, ("a", 0, 1), ("b", 0, 1)))];
        for (int round = 1; round <= 4; round++)
        {
            Time.Advance(TimeSpan.FromSeconds(10));
            long generation = await BeginOnCurrentAsync(lease, view);
            await Store.TakeCarriedAsync(lease, generation, PartialKind.Kept, Sample.Batch(view, ("a", 0, 1)), Token);
            await Store.WriteGenerationAsync(lease, generation, PartialKind.Kept, Sample.Batch(view, ("a", 0, 1 + round)), Token);
            await Store.PublishAsync(lease, generation, Sample.Published(generation, Time.GetUtcNow()), Token);
            generations.Add(generation);
        }

        await Store.ExpireAsync(lease, Time.GetUtcNow() - TimeSpan.FromSeconds(15), Token);
        Assert.Equal(generations.Skip(2).Reverse(), (await Store.ReadGenerationsAsync(Sample.Stream, 10, Token)).Select(info => info.Generation));
        for (int round = 2; round <= 4; round++)
        {
            Assert.Equal([$"a|0|0|{1 + round}|{1 + round}0", "b|0|0|1|10"], await GenerationRowsAsync(view, generations[round], PartialKind.Kept));
        }

        Assert.Empty(await GenerationRowsAsync(view, generations[0], PartialKind.Kept));
        Assert.Empty(await GenerationRowsAsync(view, generations[1], PartialKind.Kept));
        await PublishAsync(lease, new Boundary([0]), Sample.Batch(view, ("z", 0, 1)));
        await Store.ExpireAsync(lease, Time.GetUtcNow() + TimeSpan.FromDays(1), Token);
        Assert.Equal(["z|0|0|1|10"], Sample.Rows((await ReadAsync(view, ReadScope.Merged)).Batch[PartialKind.Kept]));
        Assert.Single(await Store.ReadGenerationsAsync(Sample.Stream, 10, Token));
    }

    [Fact]
    public async Task A_generation_that_was_gone_back_to_serves_and_is_gone_on_from()
    {
        PartialLayout view = Sample.View();
        await StartAsync(view);
        BatchLease lease = await LeaseAsync();
        long first = await PublishAsync(lease, new Boundary([0]), Sample.Batch(view, ("a", 0, 1), ("b", 0, 1)));
        long second = await BeginOnCurrentAsync(lease, view);
        await Store.TakeCarriedAsync(lease, second, PartialKind.Kept, Sample.Batch(view, ("a", 0, 1)), Token);
        await Store.WriteGenerationAsync(lease, second, PartialKind.Kept, Sample.Batch(view, ("a", 0, 2)), Token);
        await Store.PublishAsync(lease, second, Sample.Published(second, Time.GetUtcNow()), Token);
        await Assert.ThrowsAsync<ViewStoreException>(async () => await Store.RollBackAsync(lease, second, Token));
        await Assert.ThrowsAsync<ViewStoreException>(async () => await Store.RollBackAsync(lease, 99, Token));

        await Store.RollBackAsync(lease, first, Token);
        Assert.Equal(["a|0|0|1|10", "b|0|0|1|10"], Sample.Rows((await ReadAsync(view, ReadScope.Merged)).Batch[PartialKind.Kept]));
        long third = await BeginOnCurrentAsync(lease, view);
        Assert.Equal(["a|0|0|1|10", "b|0|0|1|10"], await GenerationRowsAsync(view, third, PartialKind.Kept));
        Assert.Equal(["b|0|0|1|10"], Sample.Rows(
            await Store.TakeCarriedAsync(lease, third, PartialKind.Kept, Sample.Batch(view, ("b", 0, 1)), Token)));
        await Store.WriteGenerationAsync(lease, third, PartialKind.Kept, Sample.Batch(view, ("b", 0, 7)), Token);
        await Store.PublishAsync(lease, third, Sample.Published(third, Time.GetUtcNow()), Token);
        Assert.Equal(["a|0|0|1|10", "b|0|0|7|70"], await GenerationRowsAsync(view, third, PartialKind.Kept));
        Assert.Equal(["a|0|0|2|20", "b|0|0|1|10"], await GenerationRowsAsync(view, second, PartialKind.Kept));
        Assert.Equal(["a|0|0|1|10", "b|0|0|1|10"], await GenerationRowsAsync(view, first, PartialKind.Kept));
        Assert.Equal((third, third), ((await ReadAsync(view, ReadScope.Merged)).Generation!.Generation, (await ReadAsync(view, ReadScope.Merged)).Generation!.Root));
    }

    [Fact]
    public async Task Only_the_current_generation_with_the_same_views_is_carried_over()
    {
        PartialLayout view = Sample.View();
        PartialLayout other = Sample.View("other", "00000000000000b7");
        await StartAsync(view, other);
        BatchLease lease = await LeaseAsync();
        await PublishAsync(lease, new Boundary([0]), Sample.Batch(view, ("a", 0, 1)));
        GenerationInfo first = (await ReadAsync(view, ReadScope.Merged)).Generation!;
        await Assert.ThrowsAsync<ViewStoreException>(async () => await Store.BeginGenerationAsync(
            lease, new GenerationPlan(1, new Boundary([0]), [view, other]) { BasedOn = first }, Token));
        await PublishAsync(lease, new Boundary([0]), Sample.Batch(view, ("a", 0, 1)));
        await Assert.ThrowsAsync<ViewStoreException>(async () => await Store.BeginGenerationAsync(
            lease, new GenerationPlan(1, new Boundary([0]), [view]) { BasedOn = first }, Token));
    }

    [Fact]
    public async Task Sessions_are_taken_out_where_they_touch_and_runs_of_an_order_at_the_end_of_their_key()
    {
        PartialLayout sessions = Sample.View() with { Addressing = PartialAddressing.Session };
        PartialLayout order = Sample.View("order", "00000000000000b8") with { Addressing = PartialAddressing.Position };
        await StartAsync(sessions, order);
        BatchLease lease = await LeaseAsync();
        PartialBatch placed = new(order);
        AddPlaced(placed, "a", 9, 3);
        AddPlaced(placed, "a", 1, 7);
        AddPlaced(placed, "b", 1, 8);
        AddPlaced(placed, null, 1, 9);
        await PublishAsync(lease, new Boundary([0]), AsSessions(Sample.Batch(sessions, ("a", 1, 1), ("a", 3, 2), ("a", 5, 3), ("b", 2, 4))), placed);
        long generation = await BeginOnCurrentAsync(lease, sessions, order);
        Assert.Equal(
            ["a|1|0|1|10", "a|3|0|2|20"],
            Sample.Rows(await Store.TakeCarriedAsync(lease, generation, PartialKind.Kept, AsSessions(Sample.Batch(sessions, ("a", 2, 1))), Token)));
        PartialBatch touched = new(order);
        AddPlaced(touched, "a", 20, 20);
        AddPlaced(touched, null, 20, 21);
        Assert.Equal(["0/7:1", "0/9:1"], Places(await Store.TakeCarriedAsync(lease, generation, PartialKind.Kept, touched, Token)));
        Assert.Equal(["0/3:1", "0/8:1"], Places(await AllAsync(order, generation)));
    }

    [Fact]
    public async Task What_lies_near_partials_of_the_same_key_is_read()
    {
        PartialLayout view = Sample.View();
        await StartAsync(view);
        BatchLease lease = await LeaseAsync();
        long generation = await PublishAsync(
            lease, new Boundary([0]), Sample.Batch(view, ("a", 1, 1), ("a", 5, 2), ("a", 9, 3), ("b", 5, 4), (null, 5, 5)));
        PartialBatch around = Sample.Batch(view, ("a", 7, 1), (null, 40, 1));
        Assert.Equal(
            ["a|5|0|2|20", "a|9|0|3|30"], Sample.Rows(await Store.ReadAroundAsync(view, generation, PartialKind.Kept, around, Nearness.Within(Sample.Hour), Token)));
        Assert.Equal(0, (await Store.ReadAroundAsync(view, generation, PartialKind.Kept, around, Nearness.Within(1000), Token)).Count);
        Assert.Equal(
            ["a|1|0|1|10", "a|5|0|2|20", "a|9|0|3|30", "null|5|0|5|50"],
            Sample.Rows(await Store.ReadAroundAsync(view, generation, PartialKind.Kept, around, Nearness.OfKey, Token)));
        Assert.Equal(0, (await Store.ReadAroundAsync(view, generation, PartialKind.Duplicate, around, Nearness.OfKey, Token)).Count);
    }

    [Fact]
    public async Task The_last_of_an_order_and_what_follows_a_place_in_it_are_read_by_key_and_partition()
    {
        PartialLayout order = Sample.View("order", "00000000000000b8") with { Addressing = PartialAddressing.Position };
        await StartAsync(order);
        BatchLease lease = await LeaseAsync();
        PartialBatch held = new(order);
        foreach ((string? key, int partition, int offset) in ((string?, int, int)[])
            [("a", 0, 2), ("a", 0, 11), ("a", 0, 7), ("a", 1, 4), ("b", 0, 3), (null, 0, 5), (null, 0, 9), (null, 1, 6)])
        {
            AddPlaced(held, key, 20 - offset, offset, partition);
        }

        long generation = await PublishAsync(lease, new Boundary([0]), held);
        PartialBatch around = new(order);
        AddPlaced(around, "a", 0, 7);
        AddPlaced(around, "a", 0, 99);
        AddPlaced(around, null, 0, 6);
        AddPlaced(around, "c", 0, 0);
        Assert.Equal(["0/11:1", "0/9:1"], Places(await Store.ReadAroundAsync(order, generation, PartialKind.Kept, around, Nearness.Last, Token)));
        Assert.Equal(
            ["0/11:1", "0/7:1", "0/9:1"], Places(await Store.ReadAroundAsync(order, generation, PartialKind.Kept, around, Nearness.FromThereOn, Token)));
        Assert.Equal(0, (await Store.ReadAroundAsync(order, generation, PartialKind.AsRead, around, Nearness.Last, Token)).Count);
    }

    // Of many partials of a key, stores do not compare each with each.
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 3)]
    public async Task Those_near_many_partials_of_a_key_are_read_and_those_that_touch_them_taken_out(int seed, int hours)
    {
        Random random = new(seed);
        await StartAsync(SessionView);
        BatchLease lease = await LeaseAsync();
        List<Stay> held = [.. Stays("a", 300, random), .. Stays(null, 100, random), .. Stays("b", 20, random), .. Stays("c", 20, random)];
        List<Stay> touched = [.. Stays("a", 120, random), .. Stays(null, 70, random), .. Stays("b", 3, random), .. Stays("d", 80, random)];
        await PublishAsync(lease, new Boundary([0]), BatchOf(held));
        long generation = await BeginOnCurrentAsync(lease, SessionView);

        PartialBatch near = await Store.ReadAroundAsync(SessionView, generation, PartialKind.Kept, BatchOf(touched), Nearness.Within(hours * Sample.Hour), Token);
        Assert.Equal(Sample.Rows(BatchOf(held.Where(stay => touched.Any(other => stay.IsNear(other, hours))))), Sample.Rows(near));

        PartialBatch taken = await Store.TakeCarriedAsync(lease, generation, PartialKind.Kept, BatchOf(touched), Token);
        Assert.Equal(Sample.Rows(BatchOf(held.Where(stay => touched.Any(other => stay.IsNear(other, 0))))), Sample.Rows(taken));
        Assert.Equal(
            Sample.Rows(BatchOf(held.Where(stay => !touched.Any(other => stay.IsNear(other, 0))))),
            await GenerationRowsAsync(SessionView, generation, PartialKind.Kept));
    }

    [Fact]
    public async Task A_generation_keeps_what_a_later_run_goes_on_from_and_which_events_were_removed()
    {
        PartialLayout view = Sample.View();
        await StartAsync(view);
        BatchLease lease = await LeaseAsync();
        GenerationBasis basis = new(
            "abc", new Dictionary<DateOnly, long> { [new DateOnly(2026, 1, 2)] = 3 }, 1, [new MissingOffsets(0, new OffsetRange(4, 6))])
        {
            HistoryId = "an id",
            Contents =
            [
                new ViewContents(
                    "view",
                    "v",
                    new Dictionary<long, PartialSum> { [-3] = new(1, UInt128.MaxValue), [20_000] = new(long.MaxValue, 7) },
                    new Dictionary<long, PartialSum> { [600] = new(2, 1) }),
            ],
            Figures = new Dictionary<string, IReadOnlyList<long>> { ["a"] = [long.MinValue, long.MaxValue], ["b"] = [] },
        };
        long first = await Store.BeginGenerationAsync(lease, new GenerationPlan(1, new Boundary([0]), [view]), Token);
        await Store.WriteRemovedAsync(lease, first, [new LogPosition(0, 3), new LogPosition(1, 2)], Token);
        await Store.PublishAsync(lease, first, Sample.Published(first, Time.GetUtcNow()) with { Basis = basis }, Token);
        long second = await BeginOnCurrentAsync(lease, view);
        await Store.WriteRemovedAsync(lease, second, [new LogPosition(0, 9)], Token);
        await Store.PublishAsync(lease, second, Sample.Published(second, Time.GetUtcNow()), Token);
        await ReopenAsync();
        GenerationBasis? read = await Store.ReadBasisAsync(Sample.Stream, first, Token);
        Assert.Equal((basis.Computation, basis.Undecodable), (read!.Computation, read.Undecodable));
        Assert.Equal(basis.Rows, read.Rows);
        Assert.Equal(basis.Missing, read.Missing);
        ViewContents contents = Assert.Single(read.Contents!);
        Assert.Equal(basis.Contents[0].Version, contents.Version);
        Assert.Equal(basis.Contents[0].Days, contents.Days);
        Assert.Equal(basis.Contents[0].Blocks, contents.Blocks);
        Assert.Equal(basis.Figures, read.Figures);
        Assert.Equal("an id", read.HistoryId);
        Assert.Null(await Store.ReadBasisAsync(Sample.Stream, second, Token));
        Assert.Equal([new LogPosition(1, 2), new LogPosition(0, 3)], (await Store.ReadRemovedAsync(Sample.Stream, first, Token)).Order());
        Assert.Equal(
            [new LogPosition(1, 2), new LogPosition(0, 3), new LogPosition(0, 9)], (await Store.ReadRemovedAsync(Sample.Stream, second, Token)).Order());
    }

    [Fact]
    public async Task What_later_runs_go_on_from_is_forgotten_under_the_lease()
    {
        PartialLayout view = Sample.View();
        await StartAsync(view);
        BatchLease lease = await LeaseAsync();
        long generation = await Store.BeginGenerationAsync(lease, new GenerationPlan(1, new Boundary([0]), [view]), Token);
        GenerationBasis basis = new("abc", new Dictionary<DateOnly, long>(), 0, []);
        await Store.PublishAsync(lease, generation, Sample.Published(generation, Time.GetUtcNow()) with { Basis = basis }, Token);

        await Assert.ThrowsAsync<FencedException>(async () => await Store.ForgetBasesAsync(lease with { Fence = lease.Fence - 1 }, Token));
        Assert.NotNull(await Store.ReadBasisAsync(Sample.Stream, generation, Token));
        await Store.ForgetBasesAsync(lease, Token);

        Assert.Null(await Store.ReadBasisAsync(Sample.Stream, generation, Token));
        Assert.Equal(generation, (await Store.ReadStreamAsync(Sample.Stream, Token))!.CurrentGeneration!.Generation);
    }

    private async Task<long> BeginOnCurrentAsync(BatchLease lease, params PartialLayout[] views)
    {
        GenerationInfo current = (await Store.ReadStreamAsync(Sample.Stream, Token))!.CurrentGeneration!;
        return await Store.BeginGenerationAsync(lease, new GenerationPlan(8, current.Boundary, views) { BasedOn = current }, Token);
    }

    private async Task<PartialBatch> AllAsync(PartialLayout view, long generation)
    {
        PartialBatch all = new(view);
        await foreach (PartialBatch batch in Store.ReadGenerationAsync(view, generation, PartialKind.Kept, WindowRange.All, KeyPiece.All, Token))
        {
            for (int row = 0; row < batch.Count; row++)
            {
                all.AddFrom(batch, row);
            }
        }

        return all;
    }

    private static PartialBatch AsSessions(PartialBatch partials)
    {
        for (int row = 0; row < partials.Count; row++)
        {
            partials.LiveSessions!.Add(new Lambda.Windows.TimeWindow(partials.Starts[row], partials.Ends[row]));
        }

        return partials;
    }

    /// <summary>Intervals of up to four hours, sparse enough that some lie near none.</summary>
    private static IEnumerable<Stay> Stays(string? key, int count, Random random) => Enumerable.Range(0, 1_500).OrderBy(_ => random.Next()).Take(count)
        .Select(hour => new Stay(key, hour, hour + random.Next(5)));

    private static PartialBatch BatchOf(IEnumerable<Stay> stays)
    {
        PartialBatch batch = new(SessionView);
        foreach (Stay stay in stays)
        {
            Sample.Add(batch, stay.Key, stay.From, stay.To, 0, 1);
        }

        return AsSessions(batch);
    }

    /// <summary>An interval of a key, in hours.</summary>
    private sealed record Stay(string? Key, int From, int To)
    {
        public bool IsNear(Stay other, int hours) => Key == other.Key && From <= other.To + hours && To >= other.From - hours;
    }
}
