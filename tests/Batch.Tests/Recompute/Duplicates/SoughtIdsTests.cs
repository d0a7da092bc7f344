using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Lambda.Batch.History.Reading;
using Lambda.Batch.Recompute.Duplicates;
using Lambda.Batch.Tests.Audit;
using Lambda.Events;

namespace Lambda.Batch.Tests.Recompute.Duplicates;

/// <summary>No id that lies between a file's bounds is missed, and files far from all ids are left out although they lie between them.</summary>
public sealed class SoughtIdsTests
{
    private static readonly IReadOnlyList<EventMember> Members = [.. Parcel.Catalog(_ => { }).Streams[0].Schema.All];

    [Theory]
    [InlineData("order-17", "order-19", true)]
    [InlineData("order-19", "order-90", false)]
    [InlineData("order-180", "order-8999", false)]
    [InlineData("order-", "order-1", false)]
    [InlineData("order-", "order-18", true)]
    [InlineData("a", "n", false)]
    [InlineData("p", "z", false)]
    [InlineData("a", "z", true)]
    [InlineData("order-9012345678", "order-9012345679", true)]
    [InlineData("order-9112345678", "order-z", false)]
    public void Texts(string least, string greatest, bool mayHold) =>
        Assert.Equal(mayHold, MayHold(Sought("order-18", "order-9012345678", "order-9012345670"), least, greatest));

    [Fact]
    public void Bounds_that_are_no_texts_tell_nothing_of_texts() => Assert.True(MayHold(Sought("order-18"), 7, 8));

    [Theory]
    [InlineData("only", "only", true)]
    [InlineData("onl", "only", true)]
    [InlineData("only ", "z", false)]
    [InlineData("a", "onl", false)]
    [InlineData("p", "q", false)]
    public void A_single_text_is_told_from_those_before_and_behind_it(string least, string greatest, bool mayHold) =>
        Assert.Equal(mayHold, MayHold(Sought("only"), least, greatest));

    [Theory]
    [InlineData(-9, -6, false)]
    [InlineData(-9, -5, true)]
    [InlineData(-4, 899, false)]
    [InlineData(900, 901, true)]
    [InlineData(long.MinValue, long.MaxValue, true)]
    [InlineData(901, long.MaxValue, false)]
    public void Numbers(long least, long greatest, bool mayHold)
    {
        SoughtIds.Builder builder = new(Members.Single(member => member.Path == "count"));
        foreach (long id in (long[])[900, -5])
        {
            builder.Add(MemoryMarshal.AsBytes<long>([id]));
        }

        Assert.Equal(mayHold, MayHold(builder.Build(), least, greatest, "count"));
    }

    [Fact]
    public void No_text_within_bounds_is_missed()
    {
        int seed = System.Random.Shared.Next();
        Random random = new(seed);
        for (int round = 0; round < 300; round++)
        {
            string[] ids = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => RandomText())];
            SoughtIds sought = Sought(ids);
            random.Shuffle(ids);
            SoughtIds shuffled = Sought(ids);
            for (int i = 0; i < 50; i++)
            {
                string[] bounds = [RandomText(), RandomText()];
                Array.Sort(bounds, Compare);
                bool lies = ids.Any(id => Compare(bounds[0], id) <= 0 && Compare(id, bounds[1]) <= 0);
                Assert.True(!lies || MayHold(sought, bounds[0], bounds[1]), $"seed {seed}: {string.Join(", ", ids)} within {bounds[0]} and {bounds[1]}");

                // What ids have in common at first goes into their keys when others have it not.
                Assert.Equal(MayHold(sought, bounds[0], bounds[1]), MayHold(shuffled, bounds[0], bounds[1]));
            }
        }

        string RandomText() => string.Concat(
            "order-2026-ab".AsSpan(0, random.Next(8) == 0 ? random.Next(12) : 13), random.Next(3) == 0 ? "é" : "", random.Next(2000).ToString(CultureInfo.InvariantCulture));
    }

    private static int Compare(string a, string b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b));

    private static SoughtIds Sought(params string[] ids)
    {
        SoughtIds.Builder builder = new(Members.Single(member => member.Path == "code"));
        foreach (string id in ids)
        {
            builder.Add(Encoding.UTF8.GetBytes(id));
        }

        return builder.Build();
    }

    private static bool MayHold(SoughtIds sought, object least, object greatest, string path = "code")
    {
        byte[] stats = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, Dictionary<string, object>>
        {
            ["minValues"] = new() { [path] = least },
            ["maxValues"] = new() { [path] = greatest },
        });
        return new ColumnBounds().MayHold(stats, sought);
    }
}
