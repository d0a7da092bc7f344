using System.Globalization;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace Lambda.Bench.Workloads;

/// <summary>DuckDB with two threads; answers come as chunks of columns, without an object per value.</summary>
internal sealed class Peer : IDisposable
{
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");
    private long[] _values = [];

    public Peer()
    {
        _connection.Open();
        Execute($"SET threads = {WorkloadBenchmark.Threads}");
    }

    /// <summary>Runs a statement that has no answer.</summary>
    public void Execute(string sql)
    {
        using DuckDBCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Asks a question and consumes the answer.</summary>
    /// <param name="workload">The question.</param>
    /// <param name="source">What it is asked of, as SQL.</param>
    public Fingerprint Ask(Workload workload, string source)
    {
        Fingerprint answer = new();
        Read(
            string.Format(CultureInfo.InvariantCulture, workload.Sql, source),
            (result, chunk, rows) => Consume(workload, result, chunk, rows, answer));
        return answer;
    }

    /// <summary>Asks a question and hands over the answer in chunks, with the number of rows of each.</summary>
    public void Read(string sql, Action<DuckDBResult, DuckDBDataChunk, int> take)
    {
        Check(NativeMethods.PreparedStatements.DuckDBPrepare(_connection.NativeConnection, sql, out DuckDBPreparedStatement statement));
        using (statement)
        {
            Check(NativeMethods.PreparedStatements.DuckDBExecutePreparedStreaming(statement, out DuckDBResult result));
            try
            {
                while (true)
                {
                    using DuckDBDataChunk chunk = NativeMethods.StreamingResult.DuckDBStreamFetchChunk(result);
                    int rows = chunk.IsInvalid ? 0 : (int)NativeMethods.DataChunks.DuckDBDataChunkGetSize(chunk);
                    if (rows == 0)
                    {
                        return;
                    }

                    take(result, chunk, rows);
                }
            }
            finally
            {
                NativeMethods.Query.DuckDBDestroyResult(ref result);
            }
        }
    }

    public void Dispose() => _connection.Dispose();

    private void Consume(Workload workload, DuckDBResult result, DuckDBDataChunk chunk, int rows, Fingerprint answer)
    {
        if (_values.Length < rows)
        {
            _values = new long[rows];
        }

        answer.Begin(rows);
        for (int i = 0, key = 0, value = 0; i < workload.Shape.Count; i++)
        {
            AnswerColumn column = workload.Shape[i];
            int place = column.Role switch
            {
                AnswerRole.Start => OurAnswer.StartColumn,
                AnswerRole.Last => OurAnswer.LastColumn,
                AnswerRole.Key => OurAnswer.FirstKeyColumn + key++,
                _ => OurAnswer.FirstResultColumn + value,
            };
            if (column.Role == AnswerRole.Ignored)
            {
                continue;
            }

            value += column.Role == AnswerRole.Result ? 1 : 0;
            Read(NativeMethods.Query.DuckDBColumnType(ref result, i), NativeMethods.DataChunks.DuckDBDataChunkGetVector(chunk, i), rows);
            if (column.Role == AnswerRole.Start && column.Unit != 1)
            {
                foreach (ref long start in _values.AsSpan(0, rows))
                {
                    start *= column.Unit;
                }
            }

            answer.Add(place, _values.AsSpan(0, rows));
        }

        answer.End();
    }

    private unsafe void Read(DuckDBType type, nint vector, int rows)
    {
        if (NativeMethods.Vectors.DuckDBVectorGetValidity(vector) != null)
        {
            throw new InvalidOperationException("The answer has nulls, which no question asks for.");
        }

        void* data = NativeMethods.Vectors.DuckDBVectorGetData(vector);
        switch (type)
        {
            case DuckDBType.BigInt or DuckDBType.Double or DuckDBType.Timestamp:
                new ReadOnlySpan<long>(data, rows).CopyTo(_values);
                break;
            case DuckDBType.HugeInt:
                ReadOnlySpan<Int128> wide = new(data, rows);
                for (int i = 0; i < rows; i++)
                {
                    _values[i] = checked((long)wide[i]);
                }

                break;
            case DuckDBType.Varchar:
                // Up to twelve bytes stand within the sixteen of a value, behind four of length.
                ReadOnlySpan<long> texts = new(data, rows * 2);
                for (int i = 0; i < rows; i++)
                {
                    _values[i] = (int)texts[2 * i] <= OurAnswer.LongestText ? texts[2 * i] : throw new InvalidOperationException("A text is too long.");
                }

                break;
            default:
                throw new InvalidOperationException($"The answer has a column of type {type}.");
        }
    }

    private static void Check(DuckDBState state)
    {
        if (state != DuckDBState.Success)
        {
            throw new InvalidOperationException("DuckDB refuses the query.");
        }
    }
}
