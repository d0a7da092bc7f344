using Lambda.Batch.Archive;
using Lambda.Bench.Workloads;
using Lambda.Events;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Closing;
using Lambda.Views.Tables;
using Lambda.Windows;

namespace Lambda.Bench.Batch;

/// <summary>The two questions, T and S: as the store answers them, and as DuckDB does.</summary>
internal static class Answers
{
    /// <summary>The questions in the order of the stream's views.</summary>
    private static readonly Workload[] Questions = [HourlyOf(Workload.All[0]), Workload.All[1]];

    private static readonly TimeSpan LongestWindow = TimeSpan.FromHours(1);
    private static readonly TimeSpan AtATime = TimeSpan.FromDays(20);

    /// <summary>Asks DuckDB over the files of an archive.</summary>
    public static string Ask(Peer peer, IReadOnlyList<string> files)
    {
        string source = $"read_parquet([{string.Join(", ", files.Select(file => $"'{file}'"))}])";
        return string.Join("; ", Questions.Select(question => peer.Ask(question, source)));
    }

    /// <summary>All windows that the store serves, some days at a time.</summary>
    public static async Task<string> ReadAsync(BatchWorld world)
    {
        IArchiveSnapshot archive = await world.Stream.Archive.PinAsync(CancellationToken.None);
        long first = Start(archive.Dates[0].AddDays(-1));
        long end = Start(archive.Dates[^1].AddDays(2));
        List<Fingerprint> answers = [];
        for (int i = 0; i < Questions.Length; i++)
        {
            ViewDefinition view = world.Stream.Definition.Views[i];
            using OurAnswer answer = new(Questions[i]);
            for (long from = first; from < end; from += UtcMicroseconds.From(AtATime))
            {
                WindowRange range = new(from, Math.Min(end, from + UtcMicroseconds.From(AtATime)));
                ViewSnapshot snapshot = await world.Store.ReadViewAsync(
                    new ViewRead(view.Layout, range with { To = range.To + UtcMicroseconds.From(LongestWindow) }, new Dictionary<int, object?>(), ReadScope.Merged), CancellationToken.None);
                PartialTable partials = PartialTable.Create(view, new StringDictionary());
                partials.Merge(snapshot.Batch[PartialKind.Kept]);
                partials.Close(new Within(range), answer);
            }

            answers.Add(answer.Total);
        }

        return string.Join("; ", answers);
    }

    /// <summary>
    /// The histories' times are instants with a zone, which DuckDB truncates to an hour by the zone's calendar, slowly; numbers of microseconds are divided.
    /// </summary>
    private static Workload HourlyOf(Workload tumbling) => tumbling with
    {
        Sql = """
            SELECT epoch_us(date) // 3600000000 w, origin, count(*) c, sum(delay) s, avg(distance) a, min(delay) mn, max(delay) mx FROM {0} GROUP BY ALL
            """,
        Shape = [AnswerColumn.Start(3_600_000_000), .. tumbling.Shape.Skip(1)],
    };

    private static long Start(DateOnly date) => UtcMicroseconds.FromDateTime(date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));

    /// <summary>Gives the windows that begin within a range.</summary>
    private sealed class Within(WindowRange range) : IClosing
    {
        public WindowProgress Of(TimeWindow reach) => reach.Start >= range.From && reach.Start < range.To ? WindowProgress.Due : WindowProgress.Given;
    }
}
