using System.Globalization;
using Lambda.Batch.Archive;
using Lambda.Batch.Audit.Data;
using Lambda.Batch.Recompute;
using Lambda.Events;
using Lambda.Jobs;
using Lambda.Log;
using Lambda.Views;
using Lambda.Views.Plans;

namespace Lambda.Batch.Audit.Profile;

/// <summary>
/// Profiles the events of a stream's history that count, as data checks see them, with DuckDB: one scan for all columns, and another for those with few values or a pattern.
/// </summary>
internal sealed class StreamProfiler(BatchStreams streams, StreamArchiver archiver, AuditEngines engines, BatchOptions options) : IStreamProfiler, IDisposable
{
    /// <summary>Up to how many different values the most frequent ones are of interest.</summary>
    private const int FewValues = 1_000;

    private const int ShownValues = 5;

    /// <summary>Up to how many values a list of those allowed is proposed for, if each stands in that many rows on average.</summary>
    private const int AllowedValues = 20;

    private const int RowsPerAllowedValue = 20;

    /// <summary>Up to which length values look like names of something. Longer ones are prose or payload, and a line of C# with them could not be read.</summary>
    private const int LongestAllowedValue = 100;

    /// <summary>How many rows it takes before a range or uniqueness says anything.</summary>
    private const int EnoughRows = 100;

    private const int PatternExamples = 2_000;

    /// <summary>Held while a profile is made: several at once would share memory and disk for nothing.</summary>
    private readonly SemaphoreSlim _turn = new(1, 1);

    public async Task<StreamProfile> ProfileAsync(string stream, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ProfileInTurnAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<StreamProfile> ProfileInTurnAsync(string stream, CancellationToken cancellationToken)
    {
        BatchStream opened = await streams.OpenAsync(stream, cancellationToken).ConfigureAwait(false);
        await archiver.ArchiveAsync(opened, await archiver.ReadLogEndAsync(opened, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);
        IArchiveSnapshot snapshot = await opened.Archive.PinAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<LogPosition> removed = await FindRemovedAsync(opened.Definition, snapshot, cancellationToken).ConfigureAwait(false);
        using LocalFiles files = await snapshot.OpenFilesAsync(cancellationToken).ConfigureAwait(false);
        EventRelation relation = await EventRelation.OpenAsync(engines, opened.Definition, files.Paths, removed, cancellationToken).ConfigureAwait(false);
        await using (relation.ConfigureAwait(false))
        {
            return await ProfileAsync(opened, relation, removed.Count, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Which events a run would remove as repetitions or by row checks. It computes no view: that would take as long as the run, and an aggregator that fails would leave a
    /// stream without a profile. So events that an expression of a view refuses stay.
    /// </summary>
    private async Task<IReadOnlyList<LogPosition>> FindRemovedAsync(StreamDefinition stream, IArchiveSnapshot snapshot, CancellationToken cancellationToken)
    {
        Computation computation = await Computation.RunAsync(
            new StreamPlan(stream.With([])), snapshot, snapshot.End, options, new Progress<double>(), cancellationToken).ConfigureAwait(false);
        return [.. computation.Removed];
    }

    private static async Task<StreamProfile> ProfileAsync(BatchStream stream, EventRelation relation, long leftOut, CancellationToken cancellationToken)
    {
        IReadOnlyList<ColumnFigures> columns =
            [.. stream.Definition.Schema.All.Where(member => member.List is null).Select(member => new ColumnFigures(member))];
        string aggregates = string.Join(", ", columns.SelectMany(column => column.Aggregates).Prepend("count(*)"));
        object?[] figures = (await relation.QueryAsync($"SELECT {aggregates} FROM events", cancellationToken).ConfigureAwait(false))[0];
        long rows = new Figures(figures).Count(0);
        List<ColumnProfile> profiles = [];
        List<string> proposals = rows > 0 ? [Proposals.RowCount(rows)] : [];
        int next = 1;
        foreach (ColumnFigures column in columns)
        {
            ColumnProfile profile = column.Read(rows, new Figures(figures.AsMemory(next, column.Aggregates.Count)));
            next += column.Aggregates.Count;
            if (column.IsPlain && profile.DistinctValues > 0)
            {
                profile = await LookCloserAsync(relation, column, profile, rows, proposals, cancellationToken).ConfigureAwait(false);
            }

            profiles.Add(profile);
        }

        return new StreamProfile(stream.Name, rows, leftOut, profiles, proposals);
    }

    private static async Task<ColumnProfile> LookCloserAsync(
        EventRelation relation, ColumnFigures column, ColumnProfile profile, long rows, List<string> proposals, CancellationToken cancellationToken)
    {
        EventMember member = column.Member;
        if (member.IsNullable && profile.NullShare < 0.5)
        {
            proposals.Add(Proposals.Completeness(member, profile.NullShare));
        }

        IReadOnlyList<FrequentValue> frequent = profile.DistinctValues <= FewValues
            ? await FrequentAsync(relation, member, cancellationToken).ConfigureAwait(false)
            : [];
        bool isText = member is { Type: ColumnType.String, Form: null };
        bool isUnique = rows >= EnoughRows && member.Type is ColumnType.String or ColumnType.Int32 or ColumnType.Int64
            && profile.DistinctValues >= 0.9 * (1 - profile.NullShare) * rows
            && await IsUniqueAsync(relation, member, cancellationToken).ConfigureAwait(false);
        if (isUnique)
        {
            proposals.Add(Proposals.Uniqueness(member));
        }
        else if (isText && IsList(frequent))
        {
            proposals.Add(Proposals.AllowedValues(member, frequent.Select(value => value.Value)));
        }
        else if (column.IsNumber && rows >= EnoughRows && profile is { Minimum: { } minimum, Maximum: { } maximum })
        {
            proposals.Add(Proposals.Range(member, minimum, maximum));
        }

        string? pattern = isText ? await FindPatternAsync(relation, member, cancellationToken).ConfigureAwait(false) : null;
        if (pattern is not null)
        {
            proposals.Add(Proposals.Pattern(member, pattern));
        }

        return profile with { MostFrequent = [.. frequent.Take(ShownValues)], Pattern = pattern };
    }

    /// <summary>Whether values are as few, as frequent and as short as those of a list.</summary>
    private static bool IsList(IReadOnlyList<FrequentValue> frequent) =>
        frequent.Count is > 0 and <= AllowedValues
        && frequent.Sum(value => value.Count) >= frequent.Count * RowsPerAllowedValue
        && frequent.All(value => value.Value.Length <= LongestAllowedValue);

    /// <summary>The values by their frequency, one more than a list of allowed ones has.</summary>
    private static async Task<IReadOnlyList<FrequentValue>> FrequentAsync(EventRelation relation, EventMember member, CancellationToken cancellationToken)
    {
        string value = ColumnSql.Comparable(member);
        string shown = member.Type == ColumnType.Timestamp ? ColumnSql.Of(member) : value;
        IReadOnlyList<object?[]> rows = await relation.QueryAsync(
            $"SELECT any_value(CAST({shown} AS VARCHAR)), count(*) FROM events WHERE {value} IS NOT NULL GROUP BY {value} ORDER BY 2 DESC, 1 "
            + $"LIMIT {(AllowedValues + 1).ToString(CultureInfo.InvariantCulture)}",
            cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => new FrequentValue((string)row[0]!, new Figures(row).Count(1)))];
    }

    private static async Task<bool> IsUniqueAsync(EventRelation relation, EventMember member, CancellationToken cancellationToken)
    {
        string value = ColumnSql.Comparable(member);
        IReadOnlyList<object?[]> rows = await relation
            .QueryAsync($"SELECT count({value}) = count(DISTINCT hash({value})) FROM events WHERE {value} IS NOT NULL", cancellationToken)
            .ConfigureAwait(false);
        return rows[0][0] is true;
    }

    private static async Task<string?> FindPatternAsync(EventRelation relation, EventMember member, CancellationToken cancellationToken)
    {
        string value = ColumnSql.Of(member);
        IReadOnlyList<object?[]> rows = await relation.QueryAsync(
            $"SELECT DISTINCT {value} FROM events WHERE {value} IS NOT NULL LIMIT {PatternExamples.ToString(CultureInfo.InvariantCulture)}", cancellationToken)
            .ConfigureAwait(false);
        if (PatternGuess.Of([.. rows.Select(row => (string)row[0]!)]) is not { } pattern)
        {
            return null;
        }

        IReadOnlyList<object?[]> others = await relation.QueryAsync(
            $"SELECT count(*) FROM events WHERE NOT regexp_full_match({value}, {ColumnSql.Literal(pattern)})", cancellationToken).ConfigureAwait(false);
        return new Figures(others[0]).Count(0) == 0 ? pattern : null;
    }
}
