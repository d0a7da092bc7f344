using System.Globalization;
using Lambda.Quality;
using Lambda.Store;

namespace Lambda.Batch.Audit.Data;

/// <summary>
/// Compares how values were distributed in the generation that serves with how they are in the events since. The bins are those of the first generation in
/// which there was a value, so that figures of later ones can be compared.
/// </summary>
internal static class DriftPlan
{
    /// <summary>What is added to each count, as a bin without a value has no logarithm.</summary>
    private const double Smoothing = 0.5;

    /// <param name="check">The check.</param>
    /// <param name="bins">
    /// The bins to count in. Their own counts are of no use: what was measured last need not be the generation that serves, which somebody may have gone back to.
    /// </param>
    /// <param name="rows">What is new; null when nothing is.</param>
    /// <param name="absence">Why nothing is new.</param>
    public static PlannedCheck Of(DriftCheck check, Distribution bins, NewRows? rows, string absence)
    {
        string value = Value(check);
        string counts = $"{(bins.Edges is null ? "histogram_exact" : "histogram")}({value}, {List(bins)})";
        string expected = Text($"at most {check.AtMost}");
        List<Aggregate> aggregates = [Aggregate.Sum("count(*)"), Aggregate.Sum($"count({value})"), Aggregate.EachSum($"map_values({counts})::BIGINT[]")];
        if (rows is not null)
        {
            aggregates.AddRange(
            [
                Aggregate.OfNewRows($"count(*) FILTER (WHERE {rows.Condition})"),
                Aggregate.OfNewRows($"count({value}) FILTER (WHERE {rows.Condition})"),
                Aggregate.OfNewRows($"map_values({counts} FILTER (WHERE {rows.Condition}))::BIGINT[]"),
            ]);
        }

        return new PlannedCheck(check, expected, figures =>
        {
            MetricValue all = new(check.Metric, 0, Counted(bins, figures, 0));
            if (rows is null)
            {
                return new Finding(CheckVerdict.NotApplicable, null, absence) { Measured = all };
            }

            Distribution found = Counted(bins, figures, 3);
            Distribution before = Without(all.Distribution!, found);
            if (before.Total() < check.MinimumEvents || found.Total() < check.MinimumEvents)
            {
                return new Finding(
                    CheckVerdict.NotApplicable, null,
                    Text($"There were {before.Total()} events and {found.Total()} came since generation {rows.Since}; ")
                    + Text($"it takes {check.MinimumEvents} on both sides."))
                {
                    Measured = all,
                };
            }

            double[] parts = Parts(before, found);
            double index = parts.Sum();
            Finding finding = Finding.Of(index <= check.AtMost, index, $"population stability index of events since generation {rows.Since}", expected);
            return finding with
            {
                Measured = all with { Value = index },
                Samples = finding.Verdict == CheckVerdict.Passed ? null : RowPlans.Rows($"{rows.Condition} AND {Grown(value, before, found, parts)}"),
            };
        })
        {
            Aggregates = aggregates,
        };
    }

    /// <summary>A query that gives the bins of a first measurement: quantiles of numbers, or the most frequent other values, as one list.</summary>
    public static string FirstBins(DriftCheck check) => ColumnSql.IsNumber(check.Member)
        ? $"SELECT list_distinct(approx_quantile({Value(check)}, [{string.Join(
            ", ", Enumerable.Range(1, check.Bins - 1).Select(i => Text($"{(double)i / check.Bins:R}")))}]))::DOUBLE[] FROM events"
        : $"SELECT list_sort(list(value))::VARCHAR[] FROM (SELECT {Value(check)} AS value FROM events WHERE {Value(check)} IS NOT NULL GROUP BY 1 "
            + $"ORDER BY count(*) DESC, 1 LIMIT {Text($"{check.Bins}")})";

    /// <summary>The bins that <see cref="FirstBins"/> gave, with nothing in them.</summary>
    public static Distribution Empty(DriftCheck check, object? list) => ColumnSql.IsNumber(check.Member)
        ? new Distribution([.. ((list as IEnumerable<double>) ?? []).Order()], null, [], 0)
        : new Distribution(null, [.. (list as IEnumerable<string>) ?? []], [], 0);

    /// <summary>By bin, what it adds to the index; the last is that of nulls.</summary>
    /// <remarks>PSI = Σ (pᵢ − qᵢ) · ln(pᵢ / qᵢ), p of the new values and q of those before, with half a value more in each bin.</remarks>
    private static double[] Parts(Distribution before, Distribution after)
    {
        double[] q = Shares(before);
        double[] p = Shares(after);
        return [.. p.Zip(q, (now, then) => (now - then) * Math.Log(now / then))];
    }

    private static double[] Shares(Distribution of)
    {
        long[] counts = [.. of.Counts, of.Nulls];
        double total = counts.Sum() + (Smoothing * counts.Length);
        return [.. counts.Select(count => (count + Smoothing) / total)];
    }

    private static Distribution Counted(Distribution bins, Figures figures, int at)
    {
        int own = bins.Edges?.Count ?? bins.Values!.Count;

        // DuckDB leaves the bin of all other values out when there are none, and gives no list at all when there is no value.
        long[] counts = [.. figures.Counts(at + 2).Take(own)];
        Array.Resize(ref counts, own);
        return bins with { Counts = [.. counts, figures.Count(at + 1) - counts.Sum()], Nulls = figures.Count(at) - figures.Count(at + 1) };
    }

    private static Distribution Without(Distribution all, Distribution some) =>
        all with { Counts = [.. all.Counts.Zip(some.Counts, (count, less) => count - less)], Nulls = all.Nulls - some.Nulls };

    /// <summary>The condition of the bin that has grown the most.</summary>
    private static string Grown(string value, Distribution before, Distribution after, double[] parts)
    {
        double[] q = Shares(before);
        double[] p = Shares(after);
        int grown = Enumerable.Range(0, parts.Length).Where(bin => p[bin] > q[bin]).MaxBy(bin => parts[bin]);
        if (grown == after.Counts.Count)
        {
            return $"{value} IS NULL";
        }

        if (after.Values is { } values)
        {
            return grown < values.Count
                ? $"{value} = {ColumnSql.Literal(values[grown])}"
                : $"{value} NOT IN ({string.Join(", ", values.Select(ColumnSql.Literal).DefaultIfEmpty("''"))})";
        }

        string above = grown > 0 ? $"{value} > {ColumnSql.Literal(after.Edges![grown - 1])}" : "true";
        return grown < after.Edges!.Count ? $"{above} AND {value} <= {ColumnSql.Literal(after.Edges[grown])}" : above;
    }

    private static string List(Distribution bins) => bins.Edges is { } edges
        ? $"[{string.Join(", ", edges.Select(edge => ColumnSql.Literal(edge)))}]::DOUBLE[]"
        : $"[{string.Join(", ", bins.Values!.Select(ColumnSql.Literal))}]::VARCHAR[]";

    private static string Value(DriftCheck check) =>
        ColumnSql.IsNumber(check.Member) ? ColumnSql.Number(check.Member) : $"CAST({ColumnSql.Comparable(check.Member)} AS VARCHAR)";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
