using System.Text;
using Lambda.Log;
using Xunit;

namespace Lambda.Tests.Log;

public class KeyPartitionerTests
{
    /// <summary>The vectors of Apache Kafka's own test of its murmur2.</summary>
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void The_hash_is_the_one_of_Kafkas_default_partitioner(string key, int expected)
    {
        uint hash = KeyPartitioner.Hash(Encoding.UTF8.GetBytes(key));

        Assert.Equal(expected, unchecked((int)hash));
        Assert.Equal((expected & 0x7fffffff) % 7, KeyPartitioner.Partition(Encoding.UTF8.GetBytes(key), 7));
    }
}
