using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Views.Closing;

namespace Lambda.Bench.Workloads;

/// <summary>Consumes windows as they are finished.</summary>
internal sealed class OurAnswer(Workload workload) : IWindowSink, IDisposable
{
    public const int StartColumn = 0;
    public const int LastColumn = 1;
    public const int FirstKeyColumn = 2;
    public const int FirstResultColumn = 8;

    /// <summary>Texts of this many bytes fit, with their length, into 64 bits.</summary>
    public const int LongestText = 4;

    private readonly ThreadLocal<Consumer> _consumers = new(() => new Consumer(workload), trackAllValues: true);

    /// <summary>The fingerprint of all windows taken.</summary>
    public Fingerprint Total
    {
        get
        {
            Fingerprint total = new();
            foreach (Consumer consumer in _consumers.Values)
            {
                total.Merge(consumer.Fingerprint);
            }

            return total;
        }
    }

    public void Take(WindowBatch windows) => _consumers.Value!.Take(windows);

    public void Dispose() => _consumers.Dispose();

    private sealed class Consumer(Workload workload)
    {
        private readonly long? _gap = workload.Shape.FirstOrDefault(column => column.Role == AnswerRole.Last)?.Unit;
        private long[] _values = [];

        public Fingerprint Fingerprint { get; } = new();

        public void Take(WindowBatch windows)
        {
            if (_values.Length < windows.Count)
            {
                _values = new long[windows.Count];
            }

            Span<long> values = _values.AsSpan(0, windows.Count);
            Fingerprint.Begin(windows.Count);
            Fingerprint.Add(StartColumn, windows.Starts.Values);
            if (_gap is { } gap)
            {
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = windows.Ends[i] - gap;
                }

                Fingerprint.Add(LastColumn, values);
            }

            for (int i = 0; i < windows.Keys.Count; i++)
            {
                ReadTexts(((ColumnBuffer<string>)windows.Keys[i]).Values, values);
                Fingerprint.Add(FirstKeyColumn + i, values);
            }

            for (int i = 0; i < windows.Results.Count; i++)
            {
                Read(windows.Results[i], values);
                Fingerprint.Add(FirstResultColumn + i, values);
            }

            Fingerprint.End();
        }

        private static void ReadTexts(ReadOnlySpan<string> texts, Span<long> values)
        {
            for (int i = 0; i < values.Length; i++)
            {
                string text = texts[i];
                long value = text.Length;
                for (int at = 0; at < text.Length; at++)
                {
                    value |= (long)text[at] << (32 + (8 * at));
                }

                values[i] = value;
            }
        }

        private static void Read(ResultColumn column, Span<long> values)
        {
            switch (column)
            {
                case ResultColumn<long> whole:
                    whole.Values.CopyTo(values);
                    break;
                case ResultColumn<Int128> sums:
                    for (int i = 0; i < values.Length; i++)
                    {
                        values[i] = checked((long)sums.Values[i]);
                    }

                    break;
                case ResultColumn<long?> extremes:
                    for (int i = 0; i < values.Length; i++)
                    {
                        values[i] = extremes.Values[i]!.Value;
                    }

                    break;
                case ResultColumn<double?> means:
                    for (int i = 0; i < values.Length; i++)
                    {
                        values[i] = BitConverter.DoubleToInt64Bits(means.Values[i]!.Value);
                    }

                    break;
                default:
                    throw new InvalidOperationException($"The answer has a column of {column.GetType()}.");
            }
        }
    }
}
