using System.Diagnostics;
using Lambda.Log;
using Lambda.Testing;
using Lambda.TestSupport.Oracle;

namespace Lambda.EndToEnd.Tests.Properties;

/// <summary>The driver for tests says what the oracle says, whatever is sent and wherever it is cut.</summary>
public class DriverPropertyTests
{
    private static readonly DateTimeOffset Start = new(2040, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>For how long new seeds are tried.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(5);

    [Fact]
    public void The_driver_says_what_the_oracle_says()
    {
        long started = Stopwatch.GetTimestamp();
        do
        {
            new Drive(Random.Shared.Next()).Run();
        }
        while (Stopwatch.GetElapsedTime(started) < Budget);
    }

    /// <summary>One driver from the first record to the last.</summary>
    private sealed class Drive
    {
        private readonly int _seed;
        private readonly Random _random;
        private readonly int _partitions;
        private readonly OracleModel<Scan> _model;
        private readonly StreamTestDriver<Scan> _driver;
        private readonly List<OracleRecord<Scan>> _records = [];
        private IReadOnlyList<long> _boundary;

        public Drive(int seed)
        {
            _seed = seed;
            _random = new Random(seed);
            _partitions = _random.Next(1, 4);
            TimeSpan outOfOrderness = TimeSpan.FromMinutes(_random.Next(0, 3) * 10);
            _model = ScanViews.Expected(outOfOrderness);
            _driver = new StreamTestDriver<Scan>(ScanViews.Declared(_partitions, outOfOrderness).Streams[0], Start);
            _boundary = new long[_partitions];
        }

        public void Run()
        {
            RandomScans scans = new(_random);
            for (int step = _random.Next(20, 80); step > 0; step--)
            {
                foreach (RandomRecord record in scans.Next(_random.Next(1, 12)))
                {
                    int partition = KeyPartitioner.Partition(record.Key, _partitions);
                    SentEvent sent = _driver.SendJson(record.Value, partition);
                    _records.Add(new OracleRecord<Scan>(partition, sent.Offset, record.Event));
                }

                Disturb();
                if (_random.Next(12) == 0)
                {
                    Check();
                }
            }

            _boundary = _driver.RunBatch().Boundary;
            Check();
        }

        private void Disturb()
        {
            switch (_random.Next(8))
            {
                case 0:
                    _driver.SealEpoch(_random.Next(_partitions));
                    break;
                case 1:
                    _driver.RestartSpeedLayer();
                    break;
                case 2:
                    _driver.AdvanceTime(TimeSpan.FromSeconds(_random.Next(200)));
                    break;
                case 3:
                    _boundary = _driver.RunBatch().Boundary;
                    break;
            }
        }

        private void Check()
        {
            List<OracleRecord<Scan>> below = [.. _records.Where(record => record.Offset < _boundary[record.Partition])];
            var speed = NaiveOracle.Speed(_model, _records);
            var speedBelow = NaiveOracle.Speed(_model, below);
            var batch = NaiveOracle.Batch(_model, below);
            var merged = NaiveOracle.Merged(_model, _records, _boundary);
            foreach (OracleView<Scan> view in _model.Views)
            {
                string place = $"seed {_seed}, view {view.Name}";
                ViewResults<NamedValues, NamedValues> results = _driver.Read(view.Name);
                DrivenRows.MustBe(speed[view.Name].Accepted, DrivenRows.Of(results.Speed), $"{place}, speed");
                DrivenRows.MustBe(speed[view.Name].Late, DrivenRows.Of(results.Late), $"{place}, late");
                DrivenRows.MustBe(batch[view.Name].Kept, DrivenRows.Of(results.Batch), $"{place}, batch");
                DrivenRows.MustBe(merged[view.Name], DrivenRows.Of(results.Merged), $"{place}, merged");
                Assert.All(results.Comparison, row => Assert.True(row.Unexplained is null, $"{place}: {row.Unexplained}"));
                Assert.Equal(
                    (batch[view.Name].Kept.EventCount, batch[view.Name].Removed.EventCount),
                    (results.Comparison.Sum(row => row.Batch?.EventCount ?? 0), results.Comparison.Sum(row => row.Duplicates + row.Quarantined)));
                Assert.Equal(
                    (speedBelow[view.Name].Accepted.EventCount, speedBelow[view.Name].Late.EventCount),
                    (results.Comparison.Sum(row => row.Speed?.EventCount ?? 0), results.Comparison.Sum(row => row.Late)));
            }
        }
    }
}
