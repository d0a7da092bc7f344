using Microsoft.Win32.SafeHandles;

namespace Lambda.Batch.Scan.Pages;

/// <summary>Reads a column from its pages into its place in a batch, a chunk of rows at a time.</summary>
/// <param name="hasLevels">Whether the column may have nulls, whose pages have a definition level of 0 or 1 for each value.</param>
/// <param name="nulls">Where nulls are marked.</param>
internal abstract class PageDecoder(bool hasLevels, bool[] nulls)
{
    /// <summary>How many indices or levels are decoded at a time, so that they stay in a core's first-level cache.</summary>
    private protected const int BlockValues = 1024;

    private readonly PagedChunk _chunk = new();
    private HybridDecoder _levels;

    /// <summary>How many values of the page are left.</summary>
    private int _left;

    /// <summary>The page that is being read.</summary>
    private protected Page Page { get; private set; }

    private protected int[] Block { get; } = new int[BlockValues];

    /// <summary>Takes the column of a row group.</summary>
    /// <returns>False when it has to be read in another way.</returns>
    public bool TryOpen(SafeFileHandle file, ChunkPlace place, long rows)
    {
        _left = 0;
        return _chunk.TryOpen(file, place, rows);
    }

    /// <summary>Reads a chunk of rows.</summary>
    /// <exception cref="InvalidDataException">The column is damaged.</exception>
    public void Read(int count)
    {
        for (int row = 0; row < count;)
        {
            while (_left == 0)
            {
                OpenPage();
            }

            int rows = Math.Min(_left, count - row);
            int present = ReadLevels(row, rows);
            ReadValues(row, present);
            if (present < rows)
            {
                Spread(row, rows, present);
            }

            row += rows;
            _left -= rows;
        }
    }

    /// <summary>Takes up a dictionary.</summary>
    private protected abstract void SetDictionary();

    /// <summary>Starts the values of a page.</summary>
    private protected abstract void BeginValues();

    /// <summary>Reads values one after the other.</summary>
    private protected abstract void ReadValues(int row, int count);

    /// <summary>Moves a value to its row.</summary>
    private protected abstract void Move(int from, int to);

    /// <summary>Sets a row that has no value.</summary>
    private protected abstract void SetDefault(int row);

    private void OpenPage()
    {
        Page = _chunk.Next(hasLevels) ?? throw new InvalidDataException("it ends before its last row");
        if (Page.Header.Kind == PageKind.Dictionary)
        {
            SetDictionary();
            return;
        }

        _left = Page.Header.Values;
        _levels = new HybridDecoder(Page.Levels.Start, Page.Levels.End, width: 1);
        BeginValues();
    }

    /// <summary>Marks nulls.</summary>
    /// <returns>How many rows are not null.</returns>
    private int ReadLevels(int row, int rows)
    {
        if (!hasLevels || _levels.TrySkipRepeated(Page.Bytes, number: 1, rows))
        {
            nulls.AsSpan(row, rows).Clear();
            return rows;
        }

        int present = 0;
        for (int done = 0; done < rows; done += BlockValues)
        {
            Span<int> levels = Block.AsSpan(0, Math.Min(BlockValues, rows - done));
            _levels.Read(Page.Bytes, levels);
            Span<bool> marks = nulls.AsSpan(row + done, levels.Length);
            for (int i = 0; i < levels.Length; i++)
            {
                marks[i] = levels[i] == 0;
                present += levels[i] & 1;
            }
        }

        return present;
    }

    /// <summary>Moves values that stand one after the other to their rows, from the last to the first.</summary>
    private void Spread(int start, int rows, int present)
    {
        int from = start + present;
        for (int row = start + rows - 1; row >= start; row--)
        {
            if (nulls[row])
            {
                SetDefault(row);
            }
            else
            {
                Move(--from, row);
            }
        }
    }
}
