using System.Data.Common;
using DuckDB.NET.Data;

namespace Lambda.Batch.ForeignTables.Rows;

/// <summary>The columns that some files of a table have in common.</summary>
/// <param name="Columns">Them.</param>
/// <param name="Files">The files, by their numbers in the table.</param>
internal sealed record ParquetShape(IReadOnlyList<ParquetNode> Columns, IReadOnlyList<int> Files)
{
    /// <summary>How many files are looked into by one statement.</summary>
    private const int FilesAtOnce = 1000;

    /// <summary>A column with the name that DuckDB knows the numbers of rows by; null when there is none.</summary>
    public string? RowNumberColumn => Columns.FirstOrDefault(column => column.Name.Equals("file_row_number", StringComparison.OrdinalIgnoreCase))?.Name;

    /// <summary>Looks into files, and puts those together that have the same columns.</summary>
    public static async Task<IReadOnlyList<ParquetShape>> ReadAsync(DuckDBConnection duck, IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        Dictionary<string, (IReadOnlyList<ParquetNode> Columns, List<int> Files)> shapes = new(StringComparer.Ordinal);
        for (int first = 0; first < paths.Count; first += FilesAtOnce)
        {
            Dictionary<string, int> numbers = new(StringComparer.Ordinal);
            for (int i = first; i < Math.Min(first + FilesAtOnce, paths.Count); i++)
            {
                numbers[paths[i]] = i;
            }

            foreach ((string path, List<Element> elements) in await ElementsAsync(duck, numbers.Keys, cancellationToken).ConfigureAwait(false))
            {
                string signature = string.Join('\n', elements);
                if (!shapes.TryGetValue(signature, out (IReadOnlyList<ParquetNode> Columns, List<int> Files) shape))
                {
                    shapes[signature] = shape = (ReadColumns(elements), []);
                }

                shape.Files.Add(numbers[path]);
            }
        }

        return [.. shapes.Values.Select(shape => new ParquetShape(shape.Columns, shape.Files))];
    }

    /// <summary>
    /// Makes sure that what was made of the schema of a file is what DuckDB makes of it, as old forms of arrays can be understood in several ways.
    /// </summary>
    /// <param name="duck">DuckDB.</param>
    /// <param name="table">The table, for messages.</param>
    /// <param name="path">A file of this shape.</param>
    /// <param name="file">The file as messages name it.</param>
    /// <param name="columns">The columns that are asked for.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task EnsureReadAlikeAsync(
        DuckDBConnection duck, string table, string path, string file, IEnumerable<ParquetNode> columns, CancellationToken cancellationToken)
    {
        foreach (ParquetNode node in columns.Where(node => node.Form is not ParquetForm.Leaf))
        {
            if (node.Sql is { } type
                && await DuckDb.FindAsync(
                    duck,
                    $"""
                    SELECT typeof(CAST(NULL AS {type})) = column_type
                    FROM (DESCRIBE SELECT {ParquetFiles.Name(node.Name)} FROM read_parquet({ParquetFiles.File(path)}, hive_partitioning = false))
                    """,
                    cancellationToken).ConfigureAwait(false) is not true)
            {
                throw new ForeignTableException(
                    $"The {table} has the file '{file}', in which column '{node.Name}' is laid out in an old way that can be understood in several ways. That is not supported. "
                    + "Write the files anew with a newer version of the engine that wrote them.");
            }
        }
    }

    private static async Task<Dictionary<string, List<Element>>> ElementsAsync(
        DuckDBConnection duck, IReadOnlyCollection<string> paths, CancellationToken cancellationToken)
    {
        Dictionary<string, List<Element>> files = new(StringComparer.Ordinal);
        await using DuckDBCommand command = duck.CreateCommand();
        command.CommandText =
            $"""
            SELECT file_name, name, field_id, coalesce(num_children, 0), coalesce(repetition_type, ''), coalesce(converted_type, ''), coalesce(logical_type, ''),
                coalesce(duckdb_type, '')
            FROM parquet_schema([{string.Join(", ", paths.Select(ParquetFiles.File))}])
            """;
        await using DbDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            string path = reader.GetString(0);
            if (!files.TryGetValue(path, out List<Element>? elements))
            {
                files[path] = elements = [];
            }

            elements.Add(new Element(
                reader.GetString(1),
                await reader.IsDBNullAsync(2, cancellationToken).ConfigureAwait(false) ? null : checked((int)reader.GetInt64(2)),
                checked((int)reader.GetInt64(3)),
                reader.GetString(4),
                reader.GetString(5),
                reader.GetString(6),
                reader.GetString(7)));
        }

        return files;
    }

    private static List<ParquetNode> ReadColumns(List<Element> elements)
    {
        int next = 1;
        List<ParquetNode> columns = [];
        for (int i = 0; i < elements[0].Children; i++)
        {
            columns.Add(Read(elements, ref next));
        }

        return columns;
    }

    /// <summary>Reads an element, and those that lie in it, which stand behind it.</summary>
    private static ParquetNode Read(List<Element> elements, ref int next)
    {
        Element element = elements[next++];
        List<(Element Element, ParquetNode Node)> children = [];
        for (int i = 0; i < element.Children; i++)
        {
            Element child = elements[next];
            children.Add((child, Read(elements, ref next)));
        }

        ParquetForm form = element.Children == 0 ? new ParquetForm.Leaf(element.DuckType)
            : element.IsList && children is [({ IsRepeated: true } repeated, { Form: ParquetForm.List { Element: var items } })]
                ? new ParquetForm.List(repeated.IsWrapper && items.Form is ParquetForm.Group { Fields: [var only] } ? only : items)
            : element.IsPlainGroup ? new ParquetForm.Group([.. children.Select(child => child.Node)])
            : new ParquetForm.Unread(element.Converted.Length > 0 ? element.Converted : element.Logical);
        ParquetNode node = new(element.Name, element.Id, form);
        return element.IsRepeated ? node with { Form = new ParquetForm.List(node) } : node;
    }

    /// <summary>An element of the schema of a Parquet file.</summary>
    private sealed record Element(string Name, int? Id, int Children, string Repetition, string Converted, string Logical, string DuckType)
    {
        public bool IsRepeated => Repetition == "REPEATED";

        public bool IsList => Converted == "LIST" || Logical.StartsWith("ListType", StringComparison.Ordinal);

        public bool IsPlainGroup => Converted.Length == 0 && Logical.Length == 0;

        /// <summary>
        /// Whether the repeated group within a list only holds the element, and is not the element: older writers left it out, and are known by the names they gave.
        /// </summary>
        public bool IsWrapper => Children == 1 && Name != "array" && !Name.EndsWith("_tuple", StringComparison.Ordinal);
    }
}
