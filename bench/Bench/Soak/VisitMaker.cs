using System.Buffers.Text;
using System.Globalization;
using Lambda.Log;

namespace Lambda.Bench.Soak;

/// <summary>
/// Makes the nth visit, the same each time: n is written into a record that is there already. Visitors come, look at some twenty pages within a quarter of
/// an hour, and are never seen again, so that nothing which is kept by key may stay. Of 1,024 records one is hours late, and one is no event.
/// </summary>
internal sealed class VisitMaker
{
    private const int Cycle = 1024;
    private const int LateAt = 511;
    private const int BrokenAt = 1023;
    private const int VisitsPerVisitor = 20;
    private const int VisitorsAtOnce = 2048;
    private const int LateVisitors = 64;
    private const int Pages = 200;
    private const int Sections = 20;
    private const long MicrosecondsBetween = 25_000;
    private const int InstantBytes = 28;

    /// <summary>Longer than any window takes events, and sooner than the same late visitor comes again.</summary>
    private static readonly TimeSpan Lateness = TimeSpan.FromHours(6);

    private static readonly byte[] Template =
        """{"id":"000000000000","at":"2026-01-01T00:00:00.0000000Z","visitor":"v000000000","page":"p000","section":"s00","amount":10}"""u8.ToArray();

    private static readonly int IdAt = After("\"id\":\"");
    private static readonly int InstantAt = After("\"at\":\"");
    private static readonly int VisitorAt = After("\"visitor\":\"");
    private static readonly int PageAt = After("\"page\":\"p");
    private static readonly int SectionAt = After("\"section\":\"s");
    private static readonly int AmountAt = After("\"amount\":");

    private readonly DateTime _start;
    private readonly byte[] _record = [.. Template];
    private readonly byte[] _broken = [.. Template];

    /// <param name="start">The event time of the first visit.</param>
    public VisitMaker(DateTime start)
    {
        _start = start;
        "yesterday"u8.CopyTo(_broken.AsSpan(InstantAt));
    }

    /// <summary>Between how many visits of a visitor others come at most.</summary>
    public const long VisitorSpan = VisitsPerVisitor * (VisitorsAtOnce + 1);

    /// <summary>How much event time so many visits take.</summary>
    public static TimeSpan Length(long visits) => TimeSpan.FromMicroseconds(visits * MicrosecondsBetween);

    /// <summary>How many of the first visits are late.</summary>
    public static long Late(long visits) => (visits / Cycle) + (visits % Cycle > LateAt ? 1 : 0);

    /// <summary>How many of the first records are no events.</summary>
    public static long Broken(long visits) => visits / Cycle;

    /// <summary>Who the nth visitor is.</summary>
    public static string Visitor(long visitor) => string.Create(CultureInfo.InvariantCulture, $"v{visitor:D9}");

    /// <summary>How often the nth visitor is among the first visits.</summary>
    public static int CountOf(long visitor, long visits)
    {
        int count = 0;
        for (long index = Math.Max(0, (visitor - VisitorsAtOnce) * VisitsPerVisitor); index < Math.Min(visits, (visitor + 1) * VisitsPerVisitor); index++)
        {
            count += index % Cycle is not (LateAt or BrokenAt) && VisitorOf(index, Mix(index)) == visitor ? 1 : 0;
        }

        return count;
    }

    /// <summary>Adds visits.</summary>
    /// <param name="records">To what.</param>
    /// <param name="first">The number of the first one.</param>
    /// <param name="count">How many.</param>
    public void Add(RecordBatch records, long first, int count)
    {
        Span<byte> key = _record.AsSpan(VisitorAt, "v000000000".Length);
        for (long index = first; index < first + count; index++)
        {
            ulong random = Mix(index);
            bool isLate = index % Cycle == LateAt;
            Number(index, _record.AsSpan(IdAt, 12));
            Number(isLate ? index / Cycle % LateVisitors : VisitorOf(index, random), key[1..]);
            key[0] = isLate ? (byte)'l' : (byte)'v';
            if (index % Cycle == BrokenAt)
            {
                records.Add(key, _broken);
                continue;
            }

            // Out of order, but by less than the stream allows.
            DateTime at = _start.AddMicroseconds((index * MicrosecondsBetween) - (long)((random >> 11) % 60_000_000));
            if (!Utf8Formatter.TryFormat(isLate ? at - Lateness : at, _record.AsSpan(InstantAt, InstantBytes), out _, 'O'))
            {
                throw new InvalidOperationException($"{at:O} takes more than {InstantBytes} bytes.");
            }

            int page = (int)((random >> 40) % Pages);
            Number(page, _record.AsSpan(PageAt, 3));
            Number(page % Sections, _record.AsSpan(SectionAt, 2));
            Number(10 + (long)((random >> 50) % 90), _record.AsSpan(AmountAt, 2));
            records.Add(key, _record);
        }
    }

    /// <summary>Every visitor is one of so many that are there at once, and all of them move on with the visits.</summary>
    private static long VisitorOf(long index, ulong random) => (index / VisitsPerVisitor) + (long)(random % VisitorsAtOnce);

    private static int After(string text) => Template.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(text)) + text.Length;

    private static void Number(long number, Span<byte> digits)
    {
        for (int i = digits.Length - 1; i >= 0; i--)
        {
            (number, long digit) = Math.DivRem(number, 10);
            digits[i] = (byte)('0' + digit);
        }
    }

    /// <summary>SplitMix64 by Steele, Lea and Flood: a number that looks random, of each number.</summary>
    private static ulong Mix(long index)
    {
        ulong mixed = ((ulong)index + 1) * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
