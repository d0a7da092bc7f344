using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Expressions;
using Lambda.TestSupport.Oracle;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Operators;
using Lambda.Views.Partials;
using Lambda.Views.Plans;
using Lambda.Views.Tables;
using Lambda.Windows;

namespace Lambda.Tests.Kernel.Streams;

/// <summary>
/// Runs records through the kernel as the speed layer does, cut at random into batches, commits and epochs, and keeps the partials as a store does: the
/// last one written of an address within partition and epoch counts.
/// </summary>
internal sealed class KernelRun(StreamPlan plan, Random random, bool throughJson = true, bool withLateness = true)
{
    private readonly StreamDefinition _stream = plan.Stream;
    private readonly List<Dictionary<string, (PartialBatch Partials, int Row)>[]> _epochs = [];

    /// <summary>The largest number of records in a batch.</summary>
    public int MaxBatch { get; init; } = 40;

    /// <summary>After one in how many batches an epoch ends; 0 for never.</summary>
    public int EpochEvery { get; init; } = 5;

    /// <summary>Offsets that were refused or failed, by partition.</summary>
    public HashSet<(int Partition, long Offset)> Quarantined { get; } = [];

    public int EpochCount => _epochs.Count;

    public void Process(IReadOnlyList<RandomRecord> partition)
    {
        StringDictionary dictionary = new();
        EventBatch batch = new(plan.ViewProjection, dictionary);
        StreamOperator kernel = new(plan, dictionary);
        JsonEventDecoder decoder = new(DecodeRules.Of(_stream), plan.ViewProjection);
        WatermarkTracker watermark = new(UtcMicroseconds.From(_stream.OutOfOrderness), null);
        RowSelection rows = new();
        int firstEpoch = _epochs.Count;
        StartEpoch();
        for (int next = 0; next < partition.Count;)
        {
            int end = Math.Min(partition.Count, next + random.Next(1, MaxBatch + 1));
            batch.Clear();
            for (; next < end; next++)
            {
                Add(partition[next], batch, decoder);
            }

            long[] watermarks = new long[batch.Count];
            watermark.Advance(batch.EventTimes.AsSpan(0, batch.Count), watermarks);
            rows.SelectAll(batch.Count);
            foreach (FailedRow failed in kernel.Process(batch, rows, withLateness ? watermarks : default))
            {
                Quarantined.Add((batch.Partitions[failed.Row], batch.Offsets[failed.Row]));
            }

            if (random.Next(3) == 0)
            {
                Commit(kernel);
            }

            if (EpochEvery > 0 && random.Next(EpochEvery) == 0)
            {
                Commit(kernel);
                dictionary = new StringDictionary();
                batch.Reset(dictionary);
                watermark = new WatermarkTracker(UtcMicroseconds.From(_stream.OutOfOrderness), watermark.MaxEventTime);
                if (random.Next(2) == 0)
                {
                    kernel.Reset(dictionary);
                }
                else
                {
                    kernel = Restart(dictionary, firstEpoch, watermark.MaxEventTime);
                }

                StartEpoch();
            }
        }

        Commit(kernel);
    }

    /// <summary>Composes a view's windows from the epochs' partials in random order, some of them merged into one before.</summary>
    public OracleRows Rows(int view, PartialSelection selection)
    {
        WindowComposer composer = new(_stream.Views[view]);
        PartialSource source = composer.AddSource(selection, SourceRole.Result);
        PartialTable merged = PartialTable.Create(_stream.Views[view], new StringDictionary());
        foreach (Dictionary<string, (PartialBatch Partials, int Row)>[] epoch in _epochs.OrderBy(_ => random.Next()))
        {
            PartialBatch stored = new(_stream.Views[view].Layout);
            foreach ((PartialBatch partials, int row) in epoch[view].Values.OrderBy(_ => random.Next()))
            {
                stored.AddFrom(partials, row);
            }

            if (random.Next(2) == 0)
            {
                composer.Add(source, stored);
            }
            else
            {
                merged.Merge(stored);
            }
        }

        PartialBatch rest = new(_stream.Views[view].Layout);
        merged.ExportAll(rest);
        composer.Add(source, rest);
        return new OracleRows(composer.Compose(TimeWindow.All)
            .Select(row => new OracleRow(row.Key.Parts, row.Start, row.End, row.EventCount, [.. row.Results.Select(PlainResults.Of)])));
    }

    /// <summary>The partials of a view of all epochs, in random order.</summary>
    public PartialBatch Partials(int view)
    {
        PartialBatch all = new(_stream.Views[view].Layout);
        foreach ((PartialBatch partials, int row) in _epochs.SelectMany(epoch => epoch[view].Values).OrderBy(_ => random.Next()))
        {
            all.AddFrom(partials, row);
        }

        return all;
    }

    /// <summary>Another process goes on from what is stored of the partition.</summary>
    private StreamOperator Restart(StringDictionary dictionary, int firstEpoch, long? maxEventTime)
    {
        StreamOperator kernel = new(plan, dictionary);
        for (int view = 0; view < kernel.Views.Count; view++)
        {
            PartialBatch stored = new(kernel.Views[view].View.Layout);
            foreach ((PartialBatch partials, int row) in _epochs.Skip(firstEpoch).SelectMany(epoch => epoch[view].Values).OrderBy(_ => random.Next()))
            {
                stored.AddFrom(partials, row);
            }

            kernel.Views[view].Table.Resume(stored, WatermarkTracker.Of(maxEventTime, UtcMicroseconds.From(_stream.OutOfOrderness)));
        }

        return kernel;
    }

    private void StartEpoch() => _epochs.Add([.. plan.Views.Select(_ => new Dictionary<string, (PartialBatch, int)>())]);

    private void Commit(StreamOperator kernel)
    {
        for (int view = 0; view < kernel.Views.Count; view++)
        {
            PartialBatch touched = new(kernel.Views[view].View.Layout);
            kernel.Views[view].Table.ExportTouched(touched);
            for (int row = 0; row < touched.Count; row++)
            {
                object?[] key = [.. touched.Keys.Select(column => column.GetValue(row)), touched.Missed[row], touched.Positions?[row].ToString()];
                OracleRow address = new(key, touched.Starts[row], 0, 0, []);
                _epochs[^1][view][address.ToString()] = (touched, row);
            }
        }
    }

    private void Add(RandomRecord record, EventBatch batch, JsonEventDecoder decoder)
    {
        OracleRecord<Reading> expected = record.Expected;
        if (!throughJson)
        {
            BatchFilling.Add(batch, expected.Event!, expected.Partition, expected.Offset, _stream.EventTime);
        }
        else if (decoder.Decode(record.Json, expected.Partition, expected.Offset, record.AppendedAt, batch) is not null)
        {
            Quarantined.Add((expected.Partition, expected.Offset));
        }
    }
}
