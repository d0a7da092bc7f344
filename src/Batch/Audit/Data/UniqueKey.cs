using System.Globalization;
using Lambda.Batch.History.Reading;
using Lambda.Events;

namespace Lambda.Batch.Audit.Data;

/// <summary>Values that no two rows may have together; rows in which one of them is null aside.</summary>
internal sealed class UniqueKey(IReadOnlyList<EventMember> members)
{
    private readonly string[] _columns = [.. members.Select(ColumnSql.Comparable)];

    /// <summary>The values, as the columns of a list.</summary>
    public string List => string.Join(", ", _columns);

    /// <summary>Whether it is of the values of a member alone.</summary>
    public bool IsOnly(EventMember member) => members.Count == 1 && members[0].Path == member.Path;

    /// <summary>The condition of rows that have all values.</summary>
    private string Given => string.Join(" AND ", _columns.Select(column => $"{column} IS NOT NULL"));

    /// <summary>
    /// How many rows have all values, and how many hashes of them there are: as many hashes as rows proves that all differ, and costs less than the values
    /// themselves; fewer may be chance.
    /// </summary>
    public IReadOnlyList<Aggregate> Aggregates =>
    [
        Aggregate.OfAllRows($"count(*) FILTER (WHERE {Given})"), Aggregate.OfAllRows($"count(DISTINCT hash({List})) FILTER (WHERE {Given})"),
    ];

    /// <summary>A query of values that more than one row has, in columns <c>k0</c> and so on, with their number in <c>n</c>.</summary>
    public string Repeated => $"SELECT {Named(_columns)}, count(*) AS n FROM events WHERE {Given} GROUP BY {List} HAVING count(*) > 1";

    /// <summary>A query of the rows that have such values. Both names are not in one scope, as a member may be called <c>n</c> or <c>k0</c>, too.</summary>
    public string RepeatedRows => $"SELECT * FROM events WHERE ({List}) IN (SELECT {string.Join(", ", _columns.Select((_, i) => Text($"k{i}")))} FROM ({Repeated})) "
        + $"ORDER BY {List}, _partition, _offset";

    /// <summary>What the number of repetitions is known by in later audits.</summary>
    public string NameFor(string measure) => FigureName.Of(measure, $"repeated\n{List}");

    /// <summary>
    /// Whether a new row may repeat the values of an earlier one. Earlier rows that were removed are not left out, so that it may be said of one that counts in
    /// nothing; where it is denied, it is so.
    /// </summary>
    /// <remarks>Few files are read where values rise with time, as their bounds are known, and where they do not, no other columns.</remarks>
    public async Task<bool> MayRepeatEarlierAsync(EventRelation relation, EventMember time, CancellationToken cancellationToken)
    {
        string added = await relation.NewAsync(cancellationToken).ConfigureAwait(false);
        const string keys = "audit.new_keys";
        await relation.ExecuteAsync($"CREATE OR REPLACE TABLE {keys} AS SELECT {Named(_columns)} FROM {added} WHERE {Given}", cancellationToken)
            .ConfigureAwait(false);
        object?[] bounds = (await relation
            .QueryTableAsync($"SELECT {string.Join(", ", members.Select(Bounds).Prepend("count(*)"))} FROM {keys}", cancellationToken).ConfigureAwait(false))[0];
        if ((long)bounds[0]! == 0)
        {
            return false;
        }

        EventTimeRange times = EventTimeRange.All;
        List<ValueRange> values = [];
        for (int i = 0; i < members.Count; i++)
        {
            (object? least, object? greatest) = (bounds[(2 * i) + 1], bounds[(2 * i) + 2]);
            if (members[i].Path == time.Path)
            {
                times = new EventTimeRange((long)least!, (long)greatest! + 1);
            }
            else if (SoughtValues.CanBe(members[i]))
            {
                values.Add(new ValueRange(members[i], least!, greatest!));
            }
        }

        string earlier = await relation.EarlierAsync(times, values, cancellationToken).ConfigureAwait(false);
        return (bool)(await relation.QueryTableAsync(
            $"SELECT EXISTS (SELECT 1 FROM (SELECT {Named(_columns)} FROM {earlier}) AS earlier SEMI JOIN {keys} USING "
            + $"({string.Join(", ", members.Select((_, i) => Text($"k{i}")))}))",
            cancellationToken).ConfigureAwait(false))[0][0]!;
    }

    /// <summary>The least and the greatest value, where files tell theirs.</summary>
    private static string Bounds(EventMember member, int i) =>
        SoughtValues.CanBe(member) || member is { Kind: MemberKind.Value, Type: ColumnType.Timestamp } ? Text($"min(k{i}), max(k{i})") : "NULL, NULL";

    private static string Named(IEnumerable<string> columns) => string.Join(", ", columns.Select((column, i) => Text($"{column} AS k{i}")));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
