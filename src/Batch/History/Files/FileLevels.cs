using Lambda.Events;
using ParquetSharp;
using ParquetSharp.Schema;

namespace Lambda.Batch.History.Files;

/// <summary>
/// What the definition levels of a column in a file are in the table. They differ where another program has written the file: most declare everything as
/// optional, whether or not the table says that it can be null, so that a value has a higher level there.
/// </summary>
internal sealed class FileLevels
{
    /// <summary>The level in the file is that of a null where the table has none.</summary>
    private const short Refused = -1;

    private readonly string _name;
    private readonly short[] _inTable;

    private FileLevels(string name, short[] inTable)
    {
        _name = name;
        _inTable = inTable;
    }

    /// <summary>The level of a value in the file.</summary>
    public short Max => (short)(_inTable.Length - 1);

    /// <summary>Compares a column of a file with the members that it lies in, the event's own first.</summary>
    /// <exception cref="InvalidDataException">It lies in other arrays than the members.</exception>
    public static FileLevels Of(ColumnDescriptor column, IReadOnlyList<EventMember> path)
    {
        // An array is two nodes: one that may be null, and below it one that is repeated for each element.
        IEnumerable<LevelNode> nodes = path.SelectMany(member => (IEnumerable<LevelNode>)(member.Kind == MemberKind.List
            ? [new LevelNode(member.IsNullable, false), new LevelNode(true, true)]
            : [new LevelNode(member.IsNullable, false)]));
        return Find(column, path[^1].Path, [.. nodes]) ?? throw new InvalidDataException($"the column '{path[^1].Path}' lies in other arrays than the table's");
    }

    /// <summary>Compares a column of a file with the table's; null when it lies in other arrays.</summary>
    /// <param name="column">The column of the file.</param>
    /// <param name="name">The column, for people.</param>
    /// <param name="members">What the table has on the way down to it.</param>
    public static FileLevels? Find(ColumnDescriptor column, string name, IReadOnlyList<LevelNode> members)
    {
        List<Repetition> nodes = NodesOf(column);
        if (nodes.Count != members.Count || nodes.Zip(members).Any(pair => (pair.First == Repetition.Repeated) != pair.Second.Repeats))
        {
            return null;
        }

        short level = 0;
        List<short> inTable = [level];
        foreach ((Repetition node, (bool rises, _)) in nodes.Zip(members))
        {
            level += (short)(rises ? 1 : 0);
            if (node == Repetition.Required)
            {
                inTable[^1] = level;
                continue;
            }

            if (!rises)
            {
                inTable[^1] = Refused;
            }

            inTable.Add(level);
        }

        return new FileLevels(name, [.. inTable]);
    }

    /// <summary>The table's level for one of the file.</summary>
    /// <exception cref="InvalidDataException">There is a null where the table has none.</exception>
    public short InTable(short level) =>
        _inTable[level] is var found and not Refused ? found : throw new InvalidDataException($"the column '{_name}' has a null, but must not");

    /// <summary>How often what the column lies in is there, the outermost first and the column itself last.</summary>
    private static List<Repetition> NodesOf(ColumnDescriptor column)
    {
        List<Repetition> nodes = [];
        Node? node = column.SchemaNode;

        // The outermost of all stands for the row.
        while (node?.Parent is { } parent)
        {
            nodes.Insert(0, node.Repetition);
            node.Dispose();
            node = parent;
        }

        node?.Dispose();
        return nodes;
    }
}

/// <summary>What a table has on the way down to a column of values.</summary>
/// <param name="Rises">Whether it may be null, or is repeated: what is there has a higher definition level then.</param>
/// <param name="Repeats">Whether it is the repeated part of an array.</param>
internal readonly record struct LevelNode(bool Rises, bool Repeats);
