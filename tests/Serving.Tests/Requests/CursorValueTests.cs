using Lambda.Serving.Requests;

namespace Lambda.Serving.Tests.Requests;

/// <summary>Values of every type that rows can be ordered by.</summary>
public sealed class CursorValueTests
{
    private static readonly object[] Values =
    [
        "", "a\u0000ü😀", true, (sbyte)-1, byte.MaxValue, short.MinValue, ushort.MaxValue, int.MinValue, uint.MaxValue, long.MinValue, ulong.MaxValue, Int128.MinValue,
        0.1f, float.NegativeInfinity, double.NaN, -0.0, double.Epsilon, decimal.MaxValue, 1.10m, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
        new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.FromHours(-3)), DateOnly.MaxValue, TimeSpan.MinValue, new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"),
    ];

    [Fact]
    public void They_come_back_from_their_texts()
    {
        foreach (object value in Values)
        {
            Assert.True(CursorValue.HasText(value.GetType()), $"{value.GetType()}");
            Assert.True(CursorValue.TryRead(CursorValue.Write(value), value.GetType(), out object? read), $"{value}");
            Assert.Equal(value, read);
        }
    }
}
