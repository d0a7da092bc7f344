using Lambda.Batch.History.Files;

namespace Lambda.Batch.History.Merge;

/// <summary>A column of values of a table, at any depth, with the levels by which Parquet tells what is there.</summary>
/// <param name="Field">The column.</param>
/// <param name="Steps">The names of a file's schema from the outermost group down to the column.</param>
internal sealed record Leaf(TableField Field, IReadOnlyList<LeafStep> Steps)
{
    /// <summary>The names from the outermost group down to the column.</summary>
    public IReadOnlyList<string> Path { get; } = [.. Steps.Select(step => step.Name)];

    /// <summary>The definition level of a value.</summary>
    public short MaxDefinition => Steps[^1].Definition;

    /// <summary>How many arrays the column lies in.</summary>
    public short MaxRepetition => Steps[^1].Repetition;

    /// <summary>What of <see cref="Steps"/> raises the levels.</summary>
    public IReadOnlyList<LevelNode> Nodes { get; } =
        [.. Steps.Select((step, i) => new LevelNode(step.Definition > (i > 0 ? Steps[i - 1].Definition : 0), step.Repetition > (i > 0 ? Steps[i - 1].Repetition : 0)))];

    /// <summary>The columns of values of a table, in the order of its files.</summary>
    public static IReadOnlyList<Leaf> Of(IEnumerable<TableField> fields) => [.. fields.SelectMany(field => Of(field, []))];

    /// <summary>How many steps from the outermost on two columns have in common.</summary>
    public int Common(Leaf other)
    {
        int common = 0;
        while (common < Math.Min(Steps.Count, other.Steps.Count) && Steps[common] == other.Steps[common])
        {
            common++;
        }

        return common;
    }

    private static IEnumerable<Leaf> Of(TableField field, LeafStep[] above)
    {
        short definition = above is [.., { } last] ? last.Definition : (short)0;
        short repetition = above is [.., { } outer] ? outer.Repetition : (short)0;
        LeafStep own = new(field.Name, (short)(definition + (field.IsNullable ? 1 : 0)), repetition);
        LeafStep[] path = [.. above, own];
        return field.Type switch
        {
            FieldType.Struct => field.Children.SelectMany(child => Of(child, path)),
            FieldType.List => Of(field.Children[0], [.. path, new LeafStep("list", (short)(own.Definition + 1), (short)(repetition + 1))]),
            _ => [new Leaf(field, path)],
        };
    }
}

/// <summary>A group on the way to a column, or the column.</summary>
/// <param name="Name">Its name in files.</param>
/// <param name="Definition">The definition level from which on it is not null.</param>
/// <param name="Repetition">How many arrays it lies in, itself included.</param>
internal readonly record struct LeafStep(string Name, short Definition, short Repetition);
