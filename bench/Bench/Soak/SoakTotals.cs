namespace Lambda.Bench.Soak;

/// <summary>Whether what is served is exactly what was sent.</summary>
internal static class SoakTotals
{
    private const int Samples = 200;

    /// <exception cref="InvalidOperationException">It is not.</exception>
    public static async Task RequireAsync(SoakReader reader, SoakCounts counts, DateTime start, long sent, bool isRecomputed)
    {
        long events = sent - VisitMaker.Broken(sent);
        long late = VisitMaker.Late(sent);
        await counts.WaitAsync("lambda.speed.events", events);
        Require("events that the speed layer has taken", counts["lambda.speed.events"], events);
        Require("records in quarantine", counts["lambda.speed.quarantined"], VisitMaker.Broken(sent));
        foreach (string view in (string[])[Visit.Pages, Visit.Sections, Visit.Sessions])
        {
            Require($"late events of {view}", counts["lambda.speed.late", view], late);
        }

        // A generation has the late ones too.
        long wanted = isRecomputed ? events : events - late;
        long pages = 0;
        long sections = 0;
        DateTime end = start + VisitMaker.Length(sent);
        for (DateTime day = start.Date.AddDays(-1); day <= end; day = day.AddDays(1))
        {
            // An answer has the windows that overlap its range, and some of those that slide overlap midnight.
            pages += await reader.SumAsync($"views/{Visit.Pages}?rollup=true&{SoakReader.Range(day, day.AddDays(1))}");
            sections += await reader.SumAsync($"views/{Visit.Sections}?rollup=true&{SoakReader.Range(day, day.AddDays(1))}", day);
        }

        Require($"visits in all windows of {Visit.Pages}", pages, wanted);
        Require($"visits in all windows of {Visit.Sections}", sections, wanted * Visit.Overlap);
        Random random = new(9);
        for (int i = 0; i < Samples; i++)
        {
            long visitor = random.NextInt64((sent / 20) + 1);
            int visits = VisitMaker.CountOf(visitor, sent);
            string name = VisitMaker.Visitor(visitor);
            Require($"visits of {name} in sessions", await reader.SumAsync($"views/{Visit.Sessions}?visitor={name}"), visits);
            Require($"visits of {name} in the funnel", await reader.SumAsync($"views/{Visit.Funnel}?visitor={name}"), visits);
        }

        Console.WriteLine($"soak: {events:N0} events, {late:N0} of them late, are counted once in every view; those of {Samples} visitors one by one");
    }

    private static void Require(string what, long found, long wanted)
    {
        if (found != wanted)
        {
            throw new InvalidOperationException($"There are {found:N0} {what} instead of {wanted:N0}.");
        }
    }
}
