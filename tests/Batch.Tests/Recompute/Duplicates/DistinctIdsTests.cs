using Lambda.Batch.Recompute.Duplicates;

namespace Lambda.Batch.Tests.Recompute.Duplicates;

/// <summary>That ids differ is proved only where they do, whether their hashes are in memory or spilled.</summary>
public sealed class DistinctIdsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    /// <summary>Of the last two, parts are gone through two and eight times.</summary>
    [Theory]
    [InlineData(0, 1 << 20)]
    [InlineData(1, 1 << 20)]
    [InlineData(1_000, 1 << 20)]
    [InlineData(2_000_000, 1 << 20)]
    [InlineData(2_000_000, 4_096)]
    [InlineData(2_000_000, 1_024)]
    public void A_repeated_hash_is_found_wherever_its_two_places_are(int count, int mostPlaces)
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        using DistinctIds ids = new(_folder.Path, mostPlaces);
        DistinctIds.Source[] sources = [ids.Open(), ids.Open()];
        ulong first = HashOf(0);
        sources[0].Add(first);
        for (int i = 1; i <= count; i++)
        {
            sources[random.Next(2)].Add(HashOf((uint)i));
        }

        Assert.True(ids.AreDistinct(2, Cancellation), $"seed {seed}");
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        sources[random.Next(2)].Add(random.Next(2) == 0 ? first : HashOf((uint)random.Next(count + 1)));
        Assert.False(ids.AreDistinct(2, Cancellation), $"seed {seed}");
    }

    [Fact]
    public void Hashes_of_one_part_alone_are_told_apart()
    {
        using DistinctIds ids = new(_folder.Path);
        DistinctIds.Source source = ids.Open();
        for (uint i = 1; i <= 10_000; i++)
        {
            source.Add(i);
        }

        Assert.True(ids.AreDistinct(1, Cancellation));
        source.Add(1);
        Assert.False(ids.AreDistinct(1, Cancellation));
    }

    [Fact]
    public void Nothing_is_proved_of_more_hashes_that_are_not_spread_than_there_is_room_for()
    {
        using DistinctIds ids = new(_folder.Path, mostPlaces: 1_024);
        DistinctIds.Source source = ids.Open();
        for (uint i = 1; i <= 10_000; i++)
        {
            source.Add(i);
        }

        Assert.False(ids.AreDistinct(2, Cancellation));
    }

    [Fact]
    public void Nothing_is_proved_when_hashes_cannot_be_spilled_or_one_was_left_out()
    {
        using DistinctIds lost = new(Path.Combine(_folder.Path, "none"));
        DistinctIds.Source source = lost.Open();
        for (uint i = 1; i <= 5_000; i++)
        {
            source.Add(i);
        }

        Assert.False(lost.AreDistinct(2, Cancellation));
        using DistinctIds given = new(_folder.Path);
        given.Open().GiveUp();
        Assert.False(given.AreDistinct(2, Cancellation));
    }

    /// <summary>A bijection (the finalizer of MurmurHash3), so that different numbers have different hashes.</summary>
    private static ulong HashOf(uint number)
    {
        ulong hash = number + 1UL;
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }
}
