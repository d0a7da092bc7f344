using DuckDB.NET.Data;
using Lambda.Events;

namespace Lambda.Batch.Audit.Data;

/// <summary>
/// Measures what checks ask for: of new events only, where it is known of those before them, and else of all. Both give the same.
/// </summary>
/// <param name="relation">The events.</param>
/// <param name="known">What is known of events before the new ones; null when they are not to be told apart.</param>
/// <param name="time">The member that is the event time.</param>
/// <param name="ids">Proves that ids differ, without a relation.</param>
/// <param name="datesAtOnce">How many dates are read at once where figures add up.</param>
internal sealed class CheckFigures(EventRelation relation, KnownFigures? known, EventMember time, IdProof ids, int datesAtOnce)
{
    /// <summary>As many rows as values: what is asked is by how many they differ.</summary>
    private static readonly Figures Distinct = new(new object?[] { 0L, 0L });

    /// <summary>The figures of all checks, in their order.</summary>
    public async Task<IReadOnlyList<Measurement>> MeasureAsync(IReadOnlyList<PlannedCheck> checks, CancellationToken cancellationToken)
    {
        Dictionary<PlannedCheck, Measurement> measured = new(ReferenceEqualityComparer.Instance);
        IReadOnlyList<PlannedCheck> ofIds = [.. checks.Where(check => check.Key is { } key && ids.IsOf(key))];
        if (ofIds.Count > 0 && await ids.TryAsync(CanGoOn(ofIds[0]) ? known!.Below : null, cancellationToken).ConfigureAwait(false))
        {
            foreach (PlannedCheck proved in ofIds)
            {
                measured[proved] = new Measurement(proved, Distinct);
            }
        }

        IReadOnlyList<PlannedCheck> goingOn = [.. checks.Where(check => !ofIds.Contains(check) && CanGoOn(check))];
        foreach (Measurement measurement in await MeasureNewAsync(goingOn, cancellationToken).ConfigureAwait(false))
        {
            measured[measurement.Check] = measurement;
        }

        IReadOnlyList<PlannedCheck> left = [.. checks.Where(check => !measured.ContainsKey(check))];
        IReadOnlyList<Measurement> whole = await MeasureAllAsync(left, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < left.Count; i++)
        {
            measured[left[i]] = whole[i];
        }

        return [.. checks.Select(check => measured[check])];
    }

    /// <summary>What a later audit can go on from.</summary>
    /// <param name="measurement">What was measured.</param>
    /// <param name="finding">What it came to.</param>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Keep(Measurement measurement, Finding finding)
    {
        Dictionary<string, IReadOnlyList<long>> kept = [];
        if (measurement.Check.Key is { } key)
        {
            kept[key.NameFor(relation.Version)] = finding.FailingRows is { } repeats ? [repeats] : [];
        }

        for (int i = 0; i < measurement.Check.Aggregates.Count; i++)
        {
            Aggregate aggregate = measurement.Check.Aggregates[i];
            if (aggregate.Keep(measurement.Figures.Values.Span[i]) is { } figure)
            {
                kept[aggregate.NameFor(relation.Version)] = figure;
            }
        }

        return kept;
    }

    /// <summary>Whether the figures of a check follow from those of new events.</summary>
    private bool CanGoOn(PlannedCheck check) => known is not null && (check.Key is { } key
        ? known.Find(key.NameFor(relation.Version)) is [0]
        : check.Aggregates.Count > 0 && check.Aggregates.All(aggregate => aggregate.CanCombine(KnownOf(aggregate))));

    private IReadOnlyList<long>? KnownOf(Aggregate aggregate) => known?.Find(aggregate.NameFor(relation.Version));

    /// <summary>The figures of all events by those of new ones; without checks of which they do not follow after all.</summary>
    private async Task<IReadOnlyList<Measurement>> MeasureNewAsync(IReadOnlyList<PlannedCheck> checks, CancellationToken cancellationToken)
    {
        List<Measurement> measured = [];
        if (checks.Count == 0)
        {
            return measured;
        }

        try
        {
            string added = await relation.NewAsync(cancellationToken).ConfigureAwait(false);
            object?[] figures = (await relation.QueryTableAsync(Select(checks, added), cancellationToken).ConfigureAwait(false))[0];
            foreach (Measurement of in Share(figures, checks))
            {
                if (await CombineAsync(of, cancellationToken).ConfigureAwait(false) is { } all)
                {
                    measured.Add(all);
                }
            }
        }
        catch (DuckDBException)
        {
            // Something cannot be measured, and not of all events either: that tells which check it is, and reports it.
        }

        return measured;
    }

    /// <summary>What was measured of new events put together with what is known; null when that does not tell.</summary>
    private async Task<Measurement?> CombineAsync(Measurement added, CancellationToken cancellationToken)
    {
        PlannedCheck check = added.Check;
        if (check.Key is { } key)
        {
            // As many rows as values, and no row before them that repeats one: so it is of all events.
            return added.Figures.Count(0) == added.Figures.Count(1)
                && !await key.MayRepeatEarlierAsync(relation, time, cancellationToken).ConfigureAwait(false) ? added : null;
        }

        object?[] all = new object?[check.Aggregates.Count];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = check.Aggregates[i].Combine(KnownOf(check.Aggregates[i]), added.Figures.Values.Span[i]);
        }

        return new Measurement(check, new Figures(all));
    }

    /// <summary>All figures in one scan; when that fails, each check in a scan of its own, so that one that is broken is told from the others.</summary>
    private async Task<IReadOnlyList<Measurement>> MeasureAllAsync(IReadOnlyList<PlannedCheck> checks, CancellationToken cancellationToken)
    {
        if (checks.All(check => check.Aggregates.Count == 0))
        {
            return [.. checks.Select(check => new Measurement(check, default))];
        }

        try
        {
            return Share(
                checks.All(check => check.AddsUp)
                    ? await MeasureByDatesAsync(checks, cancellationToken).ConfigureAwait(false)
                    : (await relation.QueryAsync(Select(checks, "events"), cancellationToken).ConfigureAwait(false))[0],
                checks);
        }
        catch (DuckDBException)
        {
            List<Measurement> measured = [];
            foreach (PlannedCheck check in checks)
            {
                measured.Add(await MeasureAloneAsync(check, cancellationToken).ConfigureAwait(false));
            }

            return measured;
        }
    }

    /// <summary>All figures, where each follows from those of some dates and those of others. Where one does not, all files have to be open for it anyway.</summary>
    private async Task<object?[]> MeasureByDatesAsync(IReadOnlyList<PlannedCheck> checks, CancellationToken cancellationToken)
    {
        Aggregate[] aggregates = [.. checks.SelectMany(check => check.Aggregates)];
        object?[]? all = null;
        await foreach (object?[] some in relation.QueryByDatesAsync(events => Select(checks, events), datesAtOnce, cancellationToken).ConfigureAwait(false))
        {
            all = all is null ? some : [.. aggregates.Select((aggregate, i) => aggregate.Combine(aggregate.Keep(all[i]), some[i]))];
        }

        return all ?? throw new InvalidOperationException("No relation gives no row.");
    }

    private async Task<Measurement> MeasureAloneAsync(PlannedCheck check, CancellationToken cancellationToken)
    {
        try
        {
            return check.Aggregates.Count == 0
                ? new Measurement(check, default)
                : Share((await relation.QueryAsync(Select([check], "events"), cancellationToken).ConfigureAwait(false))[0], [check])[0];
        }
        catch (DuckDBException error)
        {
            return new Measurement(PlannedCheck.Broken(check.Check, error.Message), default);
        }
    }

    private static string Select(IEnumerable<PlannedCheck> checks, string from) =>
        $"SELECT {string.Join(", ", checks.SelectMany(check => check.Aggregates).Select(aggregate => aggregate.Sql))} FROM {from}";

    /// <summary>Shares the figures of a scan out to the checks that asked for them.</summary>
    private static List<Measurement> Share(object?[] figures, IReadOnlyList<PlannedCheck> checks)
    {
        List<Measurement> shares = [];
        int next = 0;
        foreach (PlannedCheck check in checks)
        {
            shares.Add(new Measurement(check, new Figures(figures.AsMemory(next, check.Aggregates.Count))));
            next += check.Aggregates.Count;
        }

        return shares;
    }
}

/// <summary>What was measured for a check.</summary>
/// <param name="Check">The check; what it turned out to be, when it cannot be applied.</param>
/// <param name="Figures">The figures of its aggregates, of all events.</param>
internal readonly record struct Measurement(PlannedCheck Check, Figures Figures);
