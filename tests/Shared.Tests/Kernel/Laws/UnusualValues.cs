using Lambda.Aggregation;

namespace Lambda.Tests.Kernel.Laws;

/// <summary>Values at the limits of their types, and those that are equal without being the same bits.</summary>
internal static class UnusualValues
{
    public static readonly bool[] Booleans = [true, false];

    public static readonly byte[] Bytes = [0, 1, 7, byte.MaxValue];

    public static readonly short[] Shorts = [0, 1, -1, short.MinValue, short.MaxValue];

    public static readonly int[] Integers = [0, 1, -1, int.MaxValue, int.MinValue, 7];

    public static readonly uint[] Naturals = [0, 1, uint.MaxValue];

    public static readonly long[] Longs = [0, 1, -1, long.MaxValue, long.MinValue, 1L << 53, (1L << 53) + 1];

    public static readonly float[] Singles = [0, -0.0f, 1, -1, float.NaN, -float.NaN, float.Epsilon, float.MaxValue, float.PositiveInfinity, 0.1f];

    public static readonly double[] Numbers =
    [
        0, -0.0, 1, -1, 0.1, 1e16, -1e16, double.MaxValue, -double.MaxValue, double.Epsilon, -double.Epsilon, double.NaN, -double.NaN,
        BitConverter.Int64BitsToDouble(0x7FF0000000000001), double.PositiveInfinity, double.NegativeInfinity, 1e-300, Math.PI,
    ];

    public static readonly decimal[] Decimals =
    [
        0m, 0.000m, new(0, 0, 0, true, 0), new(0, 0, 0, true, 28), 1m, 1.0m, 1.00m, 1.0000000000000000000000000000m, -1m, 10m, decimal.MaxValue,
        decimal.MinValue, 7.9228162514264337593543950335m, 1e-28m, -1e-28m, 0.1m, 123.4500m,
    ];

    public static readonly string[] Texts = ["", "a", "b", "A", "ä", "a\u0308", "\0", "日本", "🚀", "\uE000", new('x', 300)];

    public static readonly DateTime[] Times =
        [DateTime.UnixEpoch, DateTime.UnixEpoch.AddTicks(7), DateTime.UnixEpoch.AddTicks(-1), new(1, 1, 2, 0, 0, 0, DateTimeKind.Utc)];

    public static readonly DateTimeOffset[] Instants =
    [
        DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.ToOffset(TimeSpan.FromHours(5)), DateTimeOffset.UnixEpoch.AddTicks(9),
        new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero),
    ];

    public static readonly DateOnly[] Dates = [DateOnly.MinValue, DateOnly.MaxValue, new(1970, 1, 1), new(2024, 2, 29)];

    public static readonly TimeSpan[] Durations = [TimeSpan.Zero, TimeSpan.MinValue, TimeSpan.MaxValue, new(1)];

    public static readonly Guid[] Guids = [Guid.Empty, Guid.AllBitsSet, new("00112233-4455-6677-8899-aabbccddeeff"), new("ffeeddcc-0000-0000-0000-000000000001")];

    public static readonly Weather[] Enumerations = [Weather.Sun, Weather.Rain, Weather.Hail, (Weather)99, Weather.Rain | Weather.Sun];

    /// <summary>A few moments, so that some are claimed twice.</summary>
    public static EventMoment Moment(Random random) => new(random.Next(2), random.Next(2), random.Next(3));

    /// <summary>Not in the order of their numbers.</summary>
    internal enum Weather : long
    {
        Hail = long.MinValue,
        Rain = 4,
        Sun = 1,
    }
}
