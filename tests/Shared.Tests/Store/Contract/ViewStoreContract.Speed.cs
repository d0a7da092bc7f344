using Lambda.Events;
using Lambda.Log;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Xunit;

namespace Lambda.Tests.Store.Contract;

public abstract partial class ViewStoreContract
{
    [Fact]
    public async Task A_first_claim_opens_epoch_one_at_offset_zero()
    {
        PartitionClaim claim = await StartAsync(Sample.View());
        Assert.Equal(new PartitionClaim(1, 1, 0, null), claim);
        Assert.Equal([new EpochInfo(0, 1, new OffsetRange(0, 0), EpochState.Open)], await Store.ReadEpochsAsync(Sample.Stream, Token));
    }

    [Fact]
    public async Task A_stream_that_was_never_claimed_has_no_epochs()
    {
        await Store.RegisterAsync(Sample.Registration(2, Sample.View()), Token);
        Assert.Empty(await Store.ReadEpochsAsync(Sample.Stream, Token));
    }

    [Fact]
    public async Task A_claim_seals_what_was_committed_and_takes_an_empty_epoch_over()
    {
        PartitionClaim first = await StartAsync(Sample.View());
        Assert.Equal(new PartitionClaim(2, 1, 0, null), await Store.ClaimAsync(Sample.Stream, 0, Token));
        await Store.CommitAsync(Sample.Commit(0, 2, first.Epoch, 10, Sample.Batch(Sample.View(), ("a", 1, 2))), Token);
        Assert.Equal(new PartitionClaim(3, 2, 10, 77), await Store.ClaimAsync(Sample.Stream, 0, Token));
        Assert.Equal(
            [
                new EpochInfo(0, 1, new OffsetRange(0, 10), EpochState.Sealed),
                new EpochInfo(0, 2, new OffsetRange(10, 10), EpochState.Open),
            ],
            await Store.ReadEpochsAsync(Sample.Stream, Token));
    }

    [Fact]
    public async Task A_commit_with_an_old_fence_is_refused_and_leaves_nothing()
    {
        PartialLayout view = Sample.View();
        PartitionClaim old = await StartAsync(view);
        await Store.ClaimAsync(Sample.Stream, 0, Token);
        SpeedCommit commit = Sample.Commit(old, 10, Sample.Batch(view, ("a", 1, 2))) with { Quarantine = [Sample.Refused(1, RejectReason.Malformed)] };
        await Assert.ThrowsAsync<FencedException>(async () => await Store.CommitAsync(commit, Token));
        StreamStatus status = (await Store.ReadStreamAsync(Sample.Stream, Token))!;
        Assert.Equal(0, status.Partitions[0].NextOffset);
        Assert.Empty(status.QuarantineCounts);
        Assert.Empty(await SpeedRowsAsync(view));
    }

    [Fact]
    public async Task A_commit_replaces_partials_at_the_same_address_and_keeps_the_others()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        PartialBatch first = Sample.Batch(view, ("a", 1, 1), (null, 1, 2), ("b", 1, 3), ("a", 2, 4), ("", 1, 5));
        Sample.Add(first, "a", 1, missed: 1, events: 6);
        await Store.CommitAsync(Sample.Commit(claim, 10, first), Token);
        PartialBatch second = Sample.Batch(view, ("a", 1, 11), (null, 1, 12), ("c", 1, 13));
        await Store.CommitAsync(Sample.Commit(claim, 20, second), Token);
        await Store.CommitAsync(Sample.Commit(claim, 30, Sample.Batch(view, (null, 1, 22))), Token);
        Assert.Equal(
            new[] { "a|1|0|11|110", "null|1|0|22|220", "b|1|0|3|30", "a|2|0|4|40", "|1|0|5|50", "a|1|1|6|60", "c|1|0|13|130" }
                .Order(StringComparer.Ordinal),
            await SpeedRowsAsync(view));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(3_000)]
    public async Task A_commit_adds_partials_that_are_said_to_be_new_beside_those_that_it_replaces(int count)
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        PartialBatch first = Sample.Batch(view, [(null, 0, 1), .. Enumerable.Range(1, count).Select(i => ($"key {i}", i, (long)i))]);
        first.FirstNew = 0;
        await Store.CommitAsync(Sample.Commit(claim, 10, first), Token);
        PartialBatch second = Sample.Batch(
            view, [(null, 0, 7), ("key 1", 1, 8), ("key 2", 2, 0), .. Enumerable.Range(1, count).Select(i => ($"key {i}", -i, (long)i))]);
        second.FirstNew = 3;
        await Store.CommitAsync(Sample.Commit(claim, 20, second), Token);
        Assert.Equal(
            new[] { "null|0|0|7|70", "key 1|1|0|8|80" }
                .Concat(Enumerable.Range(3, count - 2).Select(i => $"key {i}|{i}|0|{i}|{i * 10}"))
                .Concat(Enumerable.Range(1, count).Select(i => $"key {i}|{-i}|0|{i}|{i * 10}"))
                .Order(StringComparer.Ordinal),
            await SpeedRowsAsync(view));
    }

    [Fact]
    public async Task The_same_address_in_another_epoch_or_partition_is_another_partial()
    {
        PartialLayout view = Sample.View();
        await Store.RegisterAsync(Sample.Registration(2, view), Token);
        PartitionClaim zero = await Store.ClaimAsync(Sample.Stream, 0, Token);
        PartitionClaim one = await Store.ClaimAsync(Sample.Stream, 1, Token);
        await SealAsync(zero, 10, Sample.Batch(view, ("a", 1, 1)));
        await Store.CommitAsync(Sample.Commit(0, zero.Fence, zero.Epoch + 1, 20, Sample.Batch(view, ("a", 1, 2))), Token);
        await Store.CommitAsync(Sample.Commit(1, one.Fence, one.Epoch, 20, Sample.Batch(view, ("a", 1, 3))), Token);
        Assert.Equal(["a|1|0|1|10", "a|1|0|2|20", "a|1|0|3|30"], await SpeedRowsAsync(view));
    }

    [Fact]
    public async Task Sealing_ends_the_epoch_at_the_next_offset_and_closes_it()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await SealAsync(claim, 10, Sample.Batch(view, ("a", 1, 1)));
        Assert.Equal(
            [
                new EpochInfo(0, 1, new OffsetRange(0, 10), EpochState.Sealed),
                new EpochInfo(0, 2, new OffsetRange(10, 10), EpochState.Open),
            ],
            await Store.ReadEpochsAsync(Sample.Stream, Token));
        await Assert.ThrowsAsync<ViewStoreException>(
            async () => await Store.CommitAsync(Sample.Commit(claim, 20, Sample.Batch(view, ("a", 1, 2))), Token));
        Assert.Equal(["a|1|0|1|10"], await SpeedRowsAsync(view));
    }

    [Fact]
    public async Task A_seal_request_stays_until_the_owner_seals()
    {
        PartitionClaim claim = await StartAsync(Sample.View());
        Assert.Equal(SealRequest.None, await Store.CommitAsync(Sample.Commit(claim, 10), Token));
        await Store.RequestSealAsync(Sample.Stream, Token);
        Assert.Equal(SealRequest.Pending, await Store.ReadSealRequestAsync(Sample.Stream, 0, Token));
        Assert.Equal(SealRequest.Pending, await Store.CommitAsync(Sample.Commit(claim, 20), Token));
        Assert.Equal(
            SealRequest.None, await Store.CommitAsync(Sample.Commit(claim, 20) with { EpochEnd = EpochEnd.Seal }, Token));
        Assert.Equal(SealRequest.None, await Store.ReadSealRequestAsync(Sample.Stream, 0, Token));
        Assert.Equal(new OffsetRange(0, 20), (await Store.ReadEpochsAsync(Sample.Stream, Token))[0].Offsets);
    }

    [Fact]
    public async Task Sealing_an_empty_epoch_opens_the_next_number_and_leaves_no_epoch_behind()
    {
        PartitionClaim claim = await StartAsync(Sample.View());
        await Store.RequestSealAsync(Sample.Stream, Token);
        await SealAsync(claim, 0);
        Assert.Equal([new EpochInfo(0, 2, new OffsetRange(0, 0), EpochState.Open)], await Store.ReadEpochsAsync(Sample.Stream, Token));
        Assert.Equal(SealRequest.None, await Store.ReadSealRequestAsync(Sample.Stream, 0, Token));
    }

    [Fact]
    public async Task A_claim_answers_a_seal_request()
    {
        PartitionClaim claim = await StartAsync(Sample.View());
        await Store.CommitAsync(Sample.Commit(claim, 10), Token);
        await Store.RequestSealAsync(Sample.Stream, Token);
        await Store.ClaimAsync(Sample.Stream, 0, Token);
        Assert.Equal(SealRequest.None, await Store.ReadSealRequestAsync(Sample.Stream, 0, Token));
    }

    [Fact]
    public async Task A_commit_that_goes_back_is_refused()
    {
        PartitionClaim claim = await StartAsync(Sample.View());
        await Store.CommitAsync(Sample.Commit(claim, 10), Token);
        ViewStoreException refused = await Assert.ThrowsAsync<ViewStoreException>(
            async () => await Store.CommitAsync(Sample.Commit(claim, 9), Token));
        Assert.Contains("10", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>As when a standby has taken over that lacked the last commit: what only that one had touched would be missing for good.</summary>
    [Theory]
    [InlineData(9)]
    [InlineData(11)]
    public async Task A_commit_that_follows_on_others_than_the_store_has_is_refused(long followsOn)
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await Store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(view, ("a", 1, 2))) with { FollowsOn = 0 }, Token);

        ViewStoreException refused = await Assert.ThrowsAsync<ViewStoreException>(
            async () => await Store.CommitAsync(Sample.Commit(claim, 20, Sample.Batch(view, ("b", 1, 2))) with { FollowsOn = followsOn }, Token));

        Assert.Contains($"follows on offset {followsOn}, but 10", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["a|1|0|2|20"], await SpeedRowsAsync(view));
        await Store.CommitAsync(Sample.Commit(claim, 20, Sample.Batch(view, ("b", 1, 2))) with { FollowsOn = 10 }, Token);
        Assert.Equal(20, (await Store.ReadStreamAsync(Sample.Stream, Token))!.Partitions[0].NextOffset);
    }

    [Fact]
    public async Task Partials_without_offsets_are_refused()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await Assert.ThrowsAsync<ViewStoreException>(
            async () => await Store.CommitAsync(Sample.Commit(claim, 0, Sample.Batch(view, ("a", 1, 1))), Token));
    }

    [Fact]
    public async Task A_commit_that_fails_in_a_later_view_leaves_nothing_of_the_earlier_ones()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        SpeedCommit commit = Sample.Commit(
            claim, 10, Sample.Batch(view, ("a", 1, 1)), Sample.Batch(Sample.View("unknown"), ("a", 1, 1)));
        ViewStoreException refused = await Assert.ThrowsAsync<ViewStoreException>(async () => await Store.CommitAsync(commit, Token));
        Assert.Contains("unknown", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await SpeedRowsAsync(view));
        Assert.Equal(0, (await Store.ReadStreamAsync(Sample.Stream, Token))!.Partitions[0].NextOffset);
    }

    [Fact]
    public async Task The_partition_row_adds_the_tallies_and_keeps_the_times_of_the_last_records()
    {
        PartitionClaim claim = await StartAsync(Sample.View());
        long committedAt = (Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10;
        await Store.CommitAsync(Sample.Commit(claim, 10) with { Tally = new EventTally(7, 3) }, Token);
        Time.Advance(TimeSpan.FromMinutes(1));
        await Store.CommitAsync(
            Sample.Commit(claim, 10) with { Tally = new EventTally(0, 1), LastAppendedAt = null, MaxEventTime = 99 }, Token);
        Assert.Equal(
            new PartitionStatus(0, 10, 1, 99, 88, committedAt, 7, 4), (await Store.ReadStreamAsync(Sample.Stream, Token))!.Partitions[0]);
    }

    [Fact]
    public async Task Quarantined_records_are_kept_once_for_each_position()
    {
        PartitionClaim claim = await StartAsync(Sample.View());
        QuarantinedRecord first = Sample.Refused(3, RejectReason.Malformed, appendedAt: 100);
        QuarantinedRecord second = Sample.Refused(4, RejectReason.WrongType, appendedAt: 200);
        await Store.CommitAsync(Sample.Commit(claim, 10) with { Quarantine = [first, second] }, Token);
        await Store.CommitAsync(
            Sample.Commit(claim, 11) with { Quarantine = [first with { Detail = "again" }, Sample.Refused(10, RejectReason.Malformed)] }, Token);
        QuarantinePage page = await Store.ReadQuarantineAsync(Sample.Stream, QuarantineFilter.Any, 2, Token);
        Assert.Equal(3, page.Total);
        Assert.Equal([4, 3], page.Records.Select(record => record.Offset));
        AssertSame(first, (await Store.FindQuarantinedAsync(Sample.Stream, 0, 3, Token))!);
        Assert.Null(await Store.FindQuarantinedAsync(Sample.Stream, 0, 99, Token));
        QuarantinePage wrong = await Store.ReadQuarantineAsync(
            Sample.Stream, new QuarantineFilter([RejectReason.WrongType]), 10, Token);
        Assert.Equal(1, wrong.Total);
        AssertSame(second, Assert.Single(wrong.Records));
        Assert.Equal(2, (await Store.ReadStreamAsync(Sample.Stream, Token))!.QuarantineCounts[RejectReason.Malformed]);
    }

    /// <summary>However many there are, and whatever their append times.</summary>
    [Fact]
    public async Task Quarantined_records_of_a_partition_are_read_from_an_offset_down()
    {
        PartitionClaim claim = await StartAsync(Sample.View());
        QuarantinedRecord[] records =
        [
            .. Enumerable.Range(0, 9).Select(offset => Sample.Refused(
                offset, offset % 3 == 0 ? RejectReason.WrongType : RejectReason.Malformed, appendedAt: offset == 4 ? 900 : 100 + offset)),
        ];
        await Store.CommitAsync(Sample.Commit(claim, 10) with { Quarantine = records }, Token);

        Assert.Equal((9, "8 7 6"), await ReadAsync(new QuarantineFilter([]) { Within = new QuarantineStretch(0, long.MaxValue) }));
        Assert.Equal((6, "5 4 3"), await ReadAsync(new QuarantineFilter([]) { Within = new QuarantineStretch(0, 6) }));
        Assert.Equal((2, "3 0"), await ReadAsync(new QuarantineFilter([RejectReason.WrongType]) { Within = new QuarantineStretch(0, 6) }));
        Assert.Equal((0, ""), await ReadAsync(new QuarantineFilter([]) { Within = new QuarantineStretch(0, 0) }));
        Assert.Equal((0, ""), await ReadAsync(new QuarantineFilter([]) { Within = new QuarantineStretch(1, long.MaxValue) }));

        async Task<(long Total, string Offsets)> ReadAsync(QuarantineFilter filter)
        {
            QuarantinePage page = await Store.ReadQuarantineAsync(Sample.Stream, filter, 3, Token);
            return (page.Total, string.Join(' ', page.Records.Select(record => record.Offset)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Quarantined_records_are_read_up_to_a_number_of_bytes_each(int bytes)
    {
        PartitionClaim claim = await StartAsync(Sample.View());
        QuarantinedRecord empty = Sample.Refused(0, RejectReason.Malformed) with { Key = Array.Empty<byte>(), Value = Array.Empty<byte>() };
        QuarantinedRecord longer = Sample.Refused(1, RejectReason.Malformed) with { Key = new byte[] { 1, 0, 2 }, Value = new byte[] { 0, 255, 0, 1, 2 } };
        await Store.CommitAsync(Sample.Commit(claim, 10) with { Quarantine = [empty, longer] }, Token);

        foreach (QuarantineStretch? within in (QuarantineStretch?[])[null, new QuarantineStretch(0, long.MaxValue)])
        {
            QuarantinePage page = await Store.ReadQuarantineAsync(Sample.Stream, QuarantineFilter.Any with { Within = within, MaxBytes = bytes }, 9, Token);

            QuarantinedRecord read = Assert.Single(page.Records, record => record.Offset == 1);
            AssertSame(longer with { Key = longer.Key[..Math.Min(bytes, 3)], Value = longer.Value[..Math.Min(bytes, 5)], Unread = Math.Max(0, 5 - bytes) }, read);
            AssertSame(empty, Assert.Single(page.Records, record => record.Offset == 0));
        }

        AssertSame(longer, (await Store.FindQuarantinedAsync(Sample.Stream, 0, 1, Token))!);
        AssertSame(longer, Assert.Single((await Store.ReadQuarantineAsync(Sample.Stream, QuarantineFilter.Any, 9, Token)).Records, record => record.Offset == 1));
    }

    [Fact]
    public async Task Large_quarantined_records_are_read_as_they_were()
    {
        PartitionClaim claim = await StartAsync(Sample.View());
        Random random = new(3);
        QuarantinedRecord[] records =
            [.. new[] { 8_191, 8_192, 8_193, 16_384, 20_000, 1_000_000 }.Select((length, offset) => Large(offset, RejectReason.Malformed, 20_001 - offset, length))];
        await Store.CommitAsync(Sample.Commit(claim, 10) with { Quarantine = records }, Token);
        await ReopenAsync();
        BatchLease lease = await LeaseAsync();

        foreach (int? bytes in (int?[])[null, 0, 8_192, 8_193, 10_000])
        {
            QuarantinePage page = await Store.ReadQuarantineAsync(Sample.Stream, QuarantineFilter.Any with { MaxBytes = bytes }, 9, Token);
            foreach (QuarantinedRecord whole in records)
            {
                int key = Math.Min(whole.Key.Length, bytes ?? int.MaxValue);
                int value = Math.Min(whole.Value.Length, bytes ?? int.MaxValue);
                AssertSame(
                    whole with { Key = whole.Key[..key], Value = whole.Value[..value], Unread = whole.Value.Length - value },
                    Assert.Single(page.Records, record => record.Offset == whole.Offset));
            }
        }

        // Nothing of the first is left for a second one of the position.
        Assert.Equal(1, await Store.ForgetQuarantinedAsync(lease, [new LogPosition(0, 4)], Token));
        QuarantinedRecord second = Large(4, RejectReason.WrongType, 9_000, 30_000);
        await Store.CommitAsync(Sample.Commit(claim, 11) with { Quarantine = [second] }, Token);
        AssertSame(second, (await Store.FindQuarantinedAsync(Sample.Stream, 0, 4, Token))!);
        AssertSame(records[5], (await Store.FindQuarantinedAsync(Sample.Stream, 0, 5, Token))!);

        QuarantinedRecord Large(long offset, RejectReason reason, int key, int value) => Sample.Refused(offset, reason) with { Key = Bytes(key), Value = Bytes(value) };

        byte[] Bytes(int count)
        {
            byte[] bytes = new byte[count];
            random.NextBytes(bytes);
            return bytes;
        }
    }

    [Fact]
    public async Task Every_change_raises_the_commit_sequence_and_a_refused_one_does_not()
    {
        PartitionClaim claim = await StartAsync(Sample.View());
        long before = Store.CommitSequence;
        await Store.CommitAsync(Sample.Commit(claim, 10), Token);
        long after = Store.CommitSequence;
        Assert.True(after > before);
        await Assert.ThrowsAsync<ViewStoreException>(async () => await Store.CommitAsync(Sample.Commit(claim, 9), Token));
        Assert.Equal(after, Store.CommitSequence);
    }

    private static void AssertSame(QuarantinedRecord expected, QuarantinedRecord actual)
    {
        Assert.Equal(expected.Key.ToArray(), actual.Key.ToArray());
        Assert.Equal(expected.Value.ToArray(), actual.Value.ToArray());
        Assert.Equal(expected with { Key = default, Value = default }, actual with { Key = default, Value = default });
    }
}
