using System.Diagnostics.CodeAnalysis;
using Lambda.Events;
using Lambda.Views;
using ParquetSharp;

namespace Lambda.Batch.Scan;

/// <summary>The row groups of files and, by their statistics, the event times in each.</summary>
/// <param name="Files">The files, in the order they are read in.</param>
/// <param name="RowGroups">Their row groups, in the order they are read in.</param>
internal sealed record ScanPlan(IReadOnlyList<string> Files, IReadOnlyList<RowGroup> RowGroups)
{
    /// <summary>How many rows there are.</summary>
    public long Rows => RowGroups.Sum(group => group.Rows);

    /// <summary>Looks at the footers of files, and whether their columns fit.</summary>
    /// <param name="files">The files.</param>
    /// <param name="stream">What their rows are events of.</param>
    /// <param name="projection">The members that are read.</param>
    /// <param name="statistics">Whether the statistics of event times are to be believed.</param>
    /// <exception cref="ScanException">A file cannot be read, or its columns do not fit.</exception>
    public static ScanPlan Of(IReadOnlyList<string> files, StreamDefinition stream, Projection projection, StatisticsUse statistics)
    {
        List<RowGroup> groups = [];
        EventBatch batch = new(projection, new StringDictionary());
        for (int i = 0; i < files.Count; i++)
        {
            using ScanFile file = ScanFile.Open(files[i], stream);
            using ScanReader reader = new(batch, stream.EventTime);
            reader.Bind(file);
            int timeColumn = file.IndexOf(stream.EventTime) ?? throw new InvalidOperationException("Every file has a column of event times.");
            long firstRow = 0;
            for (int index = 0; index < file.RowGroups; index++)
            {
                using RowGroupReader group = file.RowGroup(index);
                long rows = group.MetaData.NumRows;
                TimeSpread times = statistics == StatisticsUse.Ignore ? TimeSpread.Unknown : Times(group, file.Column(timeColumn), timeColumn);
                groups.Add(new RowGroup(i, index, firstRow, rows, times));
                firstRow += rows;
            }
        }

        return new ScanPlan(files, groups);
    }

    /// <summary>Cuts the row groups into runs of neighbours with about as many rows each; into fewer than asked for when there are fewer.</summary>
    public IReadOnlyList<IReadOnlyList<RowGroup>> Runs(int count)
    {
        List<RowGroup>[] runs = [.. Enumerable.Range(0, count).Select(_ => new List<RowGroup>())];
        long total = Rows;
        long before = 0;
        foreach (RowGroup group in RowGroups)
        {
            // A row group belongs where its middle lies.
            runs[(int)Math.Min(count - 1, (before + (group.Rows / 2)) * count / Math.Max(1, total))].Add(group);
            before += group.Rows;
        }

        return [.. runs.Where(run => run.Count > 0)];
    }

    private static TimeSpread Times(RowGroupReader group, ColumnDescriptor column, int index)
    {
        using ColumnChunkMetaData chunk = group.MetaData.GetColumnChunkMetaData(index);
        using Statistics? statistics = chunk.Statistics;
        if (InstantUnits.Of(column) is not { } unit || !TryRead(statistics, out long min, out long max))
        {
            return statistics is { NumValues: 0 } && statistics.NullCount == group.MetaData.NumRows ? TimeSpread.None : TimeSpread.Unknown;
        }

        return new TimeSpread(unit.ToMicroseconds(min), unit.ToMicroseconds(max));
    }

    private static bool TryRead([NotNullWhen(true)] Statistics? statistics, out long min, out long max)
    {
        (min, max) = statistics switch
        {
            Statistics<long> { HasMinMax: true } longs => (longs.Min, longs.Max),
            Statistics<int> { HasMinMax: true } ints => (ints.Min, ints.Max),
            _ => (0, 0),
        };
        return statistics is Statistics<long> { HasMinMax: true } or Statistics<int> { HasMinMax: true };
    }
}

/// <summary>Whether statistics in the footers of files are used.</summary>
internal enum StatisticsUse
{
    /// <summary>They are: a window is finished when no row group that is still to come can have events of it.</summary>
    Trust,

    /// <summary>They are not: every window is finished at the end, and all are held until then.</summary>
    Ignore,
}
