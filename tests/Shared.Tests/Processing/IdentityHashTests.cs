using System.Buffers.Text;
using System.Text;
using Lambda.Processing;
using Xunit;

namespace Lambda.Tests.Processing;

/// <summary>Ids as people make them have different hashes: those of a million pairs that are alike would all be compared by value.</summary>
public sealed class IdentityHashTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("", "-10")]
    [InlineData("order-", "")]
    [InlineData("0192f3a4-5b6c-7000-8000-", "")]
    public void A_million_numbered_ids_have_as_many_hashes(string before, string after)
    {
        HashSet<ulong> hashes = [];
        byte[] id = new byte[before.Length + 20 + after.Length];
        Encoding.ASCII.GetBytes(before, id);
        for (int i = 0; i < 1_000_000; i++)
        {
            Assert.True(Utf8Formatter.TryFormat(i, id.AsSpan(before.Length), out int digits));
            Encoding.ASCII.GetBytes(after, id.AsSpan(before.Length + digits));
            hashes.Add(IdentityHash.OfId(id.AsSpan(0, before.Length + digits + after.Length)));
        }

        Assert.Equal(1_000_000, hashes.Count);
        Assert.DoesNotContain(0UL, hashes);
    }
}
