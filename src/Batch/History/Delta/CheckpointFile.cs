using ParquetSharp;
using ParquetSharp.IO;
using ParquetSharp.Schema;

namespace Lambda.Batch.History.Delta;

/// <summary>The Parquet form of a classic checkpoint: one row per action, of which one of the groups is not null.</summary>
internal static class CheckpointFile
{
    /// <summary>Writes actions.</summary>
    public static byte[] Write(IReadOnlyList<DeltaAction> actions)
    {
        using MemoryStream file = new();
        Field[] groups = [Transaction(), Add(), Remove(), Metadata(), Protocol()];
        using WriterPropertiesBuilder builder = new();
        using WriterProperties properties = builder.Compression(Compression.Snappy).EnablePageChecksum().CreatedBy("Lambda").Build();
        using GroupNode schema = Group("spark_schema", Repetition.Required, groups);
        using (ManagedOutputStream stream = new(file, leaveOpen: true))
        using (ParquetFileWriter writer = new(stream, schema, properties, keyValueMetadata: null))
        {
            using RowGroupWriter rows = writer.AppendRowGroup();
            foreach (CheckpointColumn column in groups.SelectMany(group => group.Columns))
            {
                using ColumnWriter to = rows.NextColumn();
                column.Write(to, actions);
            }

            writer.Close();
        }

        return file.ToArray();
    }

    private static Field Transaction() => Action(
        "txn", Text<AppTransaction>("appId", txn => txn.AppId), Long<AppTransaction>("version", txn => txn.Version),
        Long<AppTransaction>("lastUpdated", txn => txn.LastUpdated));

    private static Field Add() => Action(
        "add", Text<AddFile>("path", add => add.Path), Map<AddFile>("partitionValues", add => add.PartitionValues),
        Long<AddFile>("size", add => add.Size), Long<AddFile>("modificationTime", add => add.ModificationTime),
        Flag<AddFile>("dataChange", add => add.DataChange), Map<AddFile>("tags", add => add.Tags.Count > 0 ? Nullable(add.Tags) : null),
        Text<AddFile>("stats", add => add.Stats));

    private static Field Remove() => Action(
        "remove", Text<RemoveFile>("path", remove => remove.Path), Long<RemoveFile>("deletionTimestamp", remove => remove.DeletionTimestamp),
        Flag<RemoveFile>("dataChange", remove => remove.DataChange), Flag<RemoveFile>("extendedFileMetadata", remove => remove.Size is not null),
        Map<RemoveFile>("partitionValues", remove => remove.PartitionValues), Long<RemoveFile>("size", remove => remove.Size));

    private static Field Metadata() => Action(
        "metaData", Text<DeltaMetadata>("id", metadata => metadata.Id), Text<DeltaMetadata>("name", _ => null),
        Text<DeltaMetadata>("description", _ => null), Format(), Text<DeltaMetadata>("schemaString", metadata => metadata.SchemaString),
        List<DeltaMetadata>("partitionColumns", metadata => metadata.PartitionColumns),
        Map<DeltaMetadata>("configuration", metadata => Nullable(metadata.Configuration)), Long<DeltaMetadata>("createdTime", metadata => metadata.CreatedTime));

    private static Field Protocol() => Action(
        "protocol", Int<DeltaProtocol>("minReaderVersion", protocol => protocol.MinReaderVersion),
        Int<DeltaProtocol>("minWriterVersion", protocol => protocol.MinWriterVersion),
        List<DeltaProtocol>("readerFeatures", protocol => protocol.MinReaderVersion >= 3 ? protocol.ReaderFeatures : null),
        List<DeltaProtocol>("writerFeatures", protocol => protocol.MinWriterVersion >= 7 ? protocol.WriterFeatures : null));

    private static Field Action(string name, params Field[] fields) =>
        new(Group(name, Repetition.Optional, fields), [.. fields.SelectMany(field => field.Columns)]);

    /// <summary>The format of the data files, which is a group of its own: Parquet without options.</summary>
    private static Field Format()
    {
        static IEnumerable<Level<string>> Provider(DeltaAction action) => [action is DeltaMetadata ? new(3, 0, "parquet") : new(0, 0, null)];
        static IEnumerable<Level<string>> Options(DeltaAction action) => [new((short)(action is DeltaMetadata ? 3 : 0), 0, null)];
        Field[] fields =
        [
            new(TextNode("provider", Repetition.Optional), [new TextCheckpointColumn(Provider)]),
            new(MapNode("options"), [new TextCheckpointColumn(Options), new TextCheckpointColumn(Options)]),
        ];
        return Action("format", fields);
    }

    private static Field Text<TAction>(string name, Func<TAction, string?> get)
        where TAction : DeltaAction => new(
            TextNode(name, Repetition.Optional),
            [new TextCheckpointColumn(action => action is TAction of ? [new((short)(get(of) is null ? 1 : 2), 0, get(of))] : [new(0, 0, null)])]);

    private static Field Long<TAction>(string name, Func<TAction, long?> get)
        where TAction : DeltaAction => new(
            new PrimitiveNode(name, Repetition.Optional, LogicalType.Int(64, isSigned: true), PhysicalType.Int64),
            [new FixedCheckpointColumn<long>(action => action is TAction of ? (short)(get(of) is null ? 1 : 2) : (short)0, action => get((TAction)action)!.Value)]);

    private static Field Int<TAction>(string name, Func<TAction, int> get)
        where TAction : DeltaAction => new(
            new PrimitiveNode(name, Repetition.Optional, LogicalType.Int(32, isSigned: true), PhysicalType.Int32),
            [new FixedCheckpointColumn<int>(action => (short)(action is TAction ? 2 : 0), action => get((TAction)action))]);

    private static Field Flag<TAction>(string name, Func<TAction, bool> get)
        where TAction : DeltaAction => new(
            new PrimitiveNode(name, Repetition.Optional, LogicalType.None(), PhysicalType.Boolean),
            [new FixedCheckpointColumn<bool>(action => (short)(action is TAction ? 2 : 0), action => get((TAction)action))]);

    private static Field Map<TAction>(string name, Func<TAction, IReadOnlyDictionary<string, string?>?> get)
        where TAction : DeltaAction
    {
        IReadOnlyDictionary<string, string?>? Of(DeltaAction action) => action is TAction of ? get(of) : null;
        return new(
            MapNode(name),
            [
                new TextCheckpointColumn(action => Repeat<TAction>(action, Of(action)?.Keys, present: 3)),
                new TextCheckpointColumn(action => Repeat<TAction>(action, Of(action)?.Values, present: 4)),
            ]);
    }

    private static Field List<TAction>(string name, Func<TAction, IReadOnlyList<string>?> get)
        where TAction : DeltaAction => new(
            Group(name, Repetition.Optional, LogicalType.List(), Group("list", Repetition.Repeated, logical: null, TextNode("element", Repetition.Optional))),
            [new TextCheckpointColumn(action => Repeat<TAction>(action, action is TAction of ? get(of) : null, present: 4))]);

    /// <summary>The levels of what repeats in a group of an action: 0 without the action, 1 without the group, 2 when it is empty.</summary>
    /// <param name="action">The row.</param>
    /// <param name="values">What repeats.</param>
    /// <param name="present">The level of a value that is not null.</param>
    private static Level<string>[] Repeat<TAction>(DeltaAction action, IEnumerable<string?>? values, short present)
    {
        Level<string>[] levels = [.. (values ?? []).Select((value, i) => new Level<string>(value is null ? (short)(present - 1) : present, (short)(i > 0 ? 1 : 0), value))];
        return levels.Length > 0 ? levels : [new((short)(action is not TAction ? 0 : values is null ? 1 : 2), 0, null)];
    }

    private static Dictionary<string, string?> Nullable(IReadOnlyDictionary<string, string> map) =>
        map.ToDictionary(entry => entry.Key, entry => (string?)entry.Value, StringComparer.Ordinal);

    private static GroupNode MapNode(string name) => Group(
        name, Repetition.Optional, LogicalType.Map(),
        Group("key_value", Repetition.Repeated, logical: null, TextNode("key", Repetition.Required), TextNode("value", Repetition.Optional)));

    private static PrimitiveNode TextNode(string name, Repetition repetition)
    {
        using LogicalType text = LogicalType.String();
        return new PrimitiveNode(name, repetition, text, PhysicalType.ByteArray);
    }

    private static GroupNode Group(string name, Repetition repetition, Field[] fields) =>
        Group(name, repetition, logical: null, [.. fields.Select(field => field.Node)]);

    private static GroupNode Group(string name, Repetition repetition, LogicalType? logical, params Node[] nodes)
    {
        GroupNode group = new(name, repetition, nodes, logical);
        logical?.Dispose();
        foreach (Node node in nodes)
        {
            node.Dispose();
        }

        return group;
    }

    /// <summary>A part of the schema, with the columns of values in it.</summary>
    private sealed record Field(Node Node, IReadOnlyList<CheckpointColumn> Columns);
}
