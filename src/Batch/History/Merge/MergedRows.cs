using Lambda.Batch.History.Files;

namespace Lambda.Batch.History.Merge;

/// <summary>The order in which rows of several files, each sorted by time, make one that is.</summary>
internal static class MergedRows
{
    /// <summary>Merges rows by time, then partition and offset; those of one file stay in their order.</summary>
    /// <param name="keys">By file, what its rows are sorted by.</param>
    public static RowKey[] Of(IReadOnlyList<RowTimes> keys)
    {
        RowKey[] rows = new RowKey[keys.Sum(key => (long)key.Count)];
        PriorityQueue<int, (long Time, int Partition, long Offset, int Input)> heads = new();
        int[] next = new int[keys.Count];
        for (int input = 0; input < keys.Count; input++)
        {
            if (keys[input].Count > 0)
            {
                heads.Enqueue(input, keys[input].At(0, input));
            }
        }

        for (int i = 0; i < rows.Length; i++)
        {
            int input = heads.Peek();
            int row = next[input]++;
            rows[i] = new RowKey(keys[input].Times[row], new RowAddress(input, row));
            if (next[input] < keys[input].Count)
            {
                heads.DequeueEnqueue(input, keys[input].At(next[input], input));
            }
            else
            {
                heads.Dequeue();
            }
        }

        return rows;
    }
}
