using System.Globalization;
using Lambda.Batch.ForeignTables.Hudi.Logs;

namespace Lambda.Batch.ForeignTables.Rows;

/// <summary>Numbers of changes in the order in which they were made: that of the block, and behind it the place in the block.</summary>
internal sealed class LogBlockNumbers
{
    /// <summary>How many bits the place in a block has.</summary>
    private const int BitsOfPlace = 32;

    private readonly List<LogBlock> _blocks = [];

    /// <summary>Gives a block the next number.</summary>
    /// <returns>The number of its first change.</returns>
    public long Add(LogBlock block)
    {
        _blocks.Add(block.Bare);
        return (long)(_blocks.Count - 1) << BitsOfPlace;
    }

    /// <summary>The block of a change.</summary>
    public LogBlock Find(object number) => _blocks[(int)(Convert.ToInt64(number, CultureInfo.InvariantCulture) >> BitsOfPlace)];
}
