using System.Globalization;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Xunit;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>What commits amount to: per epoch and address the last absolute value, all quarantine rows, the last partition row.</summary>
internal sealed class Ledger
{
    private readonly Dictionary<string, (PartialBatch Batch, int Row)> _partials = [];
    private readonly List<QuarantinedRecord> _quarantine = [];

    public IReadOnlyList<QuarantinedRecord> Quarantine => _quarantine;

    public long Accepted { get; private set; }

    public long Quarantined { get; private set; }

    public SpeedCommit? Last { get; private set; }

    public void Add(SpeedCommit commit)
    {
        foreach (PartialBatch committed in commit.Partials)
        {
            // The next commit gets the buffers of this one.
            PartialBatch batch = new PartialBatch(committed.Layout).With(committed);
            batch.FirstNew = committed.FirstNew;
            for (int row = 0; row < batch.Count; row++)
            {
                string key = string.Join('|', batch.Keys.Select(column => column.GetValue(row) is { } part ? $"={part}" : "null"));
                string address = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{batch.Layout.View} {commit.Partition} {commit.Epoch} {batch.Starts[row]} {batch.Missed[row]} {batch.Positions?[row]} {key}");
                bool isThere = _partials.TryGetValue(address, out (PartialBatch Batch, int Row) kept) && kept.Batch.EventCounts[kept.Row] > 0;
                Assert.False(isThere && row >= batch.FirstNew, $"{address} is said to be new, and was committed before.");
                _partials[address] = (batch, row);
            }
        }

        _quarantine.AddRange(commit.Quarantine);
        Accepted += commit.Tally.Accepted;
        Quarantined += commit.Tally.Quarantined;
        Last = commit;
    }

    public PartialBatch Partials(ViewDefinition view)
    {
        PartialBatch all = new(view.Layout);
        foreach ((PartialBatch batch, int row) in _partials.Values.Where(partial => partial.Batch.Layout.View == view.Name))
        {
            all.AddFrom(batch, row);
        }

        return all;
    }
}
