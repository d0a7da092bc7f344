using System.Globalization;
using System.Text.Unicode;
using Lambda.Log;

namespace Lambda.Bench.Fresh;

/// <summary>Writes flights that depart now as records.</summary>
internal static class FlightRecord
{
    private const int MostBytes = 256;

    /// <summary>Adds a flight.</summary>
    public static void Add(RecordBatch records, long id, DateTime date, string origin)
    {
        Span<byte> key = stackalloc byte[MostBytes];
        Span<byte> value = stackalloc byte[MostBytes];
        Utf8.TryWrite(key, CultureInfo.InvariantCulture, $"{origin}", out int keyBytes);
        if (!Utf8.TryWrite(
            value,
            CultureInfo.InvariantCulture,
            $$"""
            {"id":"{{origin}}-{{id}}","date":"{{date:yyyy-MM-ddTHH:mm:ss.fffZ}}","delay":{{id % 60}},"distance":{{500 + (id % 1000)}},"origin":"{{origin}}","destination":"A{{id % 100:D3}}"}
            """,
            out int valueBytes))
        {
            throw new InvalidOperationException($"A flight from {origin} takes more than {MostBytes} bytes.");
        }

        records.Add(key[..keyBytes], value[..valueBytes]);
    }
}
