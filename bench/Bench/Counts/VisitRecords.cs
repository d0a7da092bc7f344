using System.Globalization;
using System.Text;
using Lambda.Log;

namespace Lambda.Bench.Counts;

/// <summary>Visits in pairs of the same visitor, in order of time over a hundred days.</summary>
internal static class VisitRecords
{
    private const int RecordsPerBatch = 8_192;
    private const int BytesPerBatch = 2 << 20;
    private static readonly DateTime From = new(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly TimeSpan Span = TimeSpan.FromDays(100);

    /// <summary>All of them; a batch is valid until the next one.</summary>
    /// <param name="pairs">How many pairs there are.</param>
    /// <param name="visitors">Of how many visitors.</param>
    /// <param name="repeated">Of how many pairs one is there twice, at once; of none when it is 0.</param>
    public static IEnumerable<RecordBatch> Read(int pairs, int visitors, int repeated)
    {
        using RecordBatch batch = new(RecordsPerBatch, BytesPerBatch);
        for (int pair = 0; pair < pairs; pair++)
        {
            string visitor = string.Create(CultureInfo.InvariantCulture, $"visitor-{(uint)pair * 2_654_435_761u % (uint)visitors:D8}");
            DateTime at = From + (Span * ((double)pair / pairs));
            int records = repeated > 0 && pair % repeated == 0 ? 4 : 2;
            for (int record = 0; record < records; record++)
            {
                int step = record % 2;
                batch.Add(
                    Encoding.UTF8.GetBytes(visitor),
                    Encoding.UTF8.GetBytes(string.Create(
                        CultureInfo.InvariantCulture,
                        $$"""{"id":"v{{(2L * pair) + step:D10}}","at":"{{at.AddSeconds(step):yyyy-MM-ddTHH:mm:ss.ffffff}}Z","visitor":"{{visitor}}","amount":{{pair % 1000}}}""")));
            }

            if (batch.Count >= RecordsPerBatch - 3)
            {
                yield return batch;
                batch.Clear();
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }
}
