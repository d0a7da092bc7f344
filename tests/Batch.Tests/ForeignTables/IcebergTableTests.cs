using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text.Json;
using Avro.File;
using Avro.Generic;
using Lambda.Batch.ForeignTables;
using Lambda.Batch.History;
using Snappier;
using ZstdSharp;

namespace Lambda.Batch.Tests.ForeignTables;

public sealed class IcebergTableTests
{
    public static TheoryData<string> Tables() => [.. LakeFixtures.Tables().Where(table => table.StartsWith("iceberg", StringComparison.Ordinal)).DefaultIfEmpty("none")];

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task A_time_stands_for_the_snapshot_that_was_the_newest_then(string table)
    {
        string folder = Path.Combine(LakeFixtures.Folder(), table);
        using JsonDocument expected = JsonDocument.Parse(await File.ReadAllTextAsync(folder + ".expected.json", TestContext.Current.CancellationToken));
        foreach (JsonElement snapshot in expected.RootElement.GetProperty("snapshots").EnumerateArray())
        {
            HistoryPoint point = HistoryPoint.Parse(snapshot.GetProperty("timestamp").GetString()!)!;

            ForeignTable found = await TableFinder.OpenAsync(folder, point, TestContext.Current.CancellationToken);

            Assert.Equal($"snapshot {snapshot.GetProperty("snapshotId").GetRawText()}", found.Version);
        }
    }

    [Theory]
    [InlineData("zstandard")]
    [InlineData("snappy")]
    public async Task Manifests_of_every_compression_are_read(string codec)
    {
        using TableCopy table = new("iceberg/deletion_vectors_v3");
        TableContent before = await table.ReadAsync();
        foreach (string manifest in Directory.EnumerateFiles(Path.Combine(table.Path, "metadata"), "*.avro"))
        {
            Rewrite(manifest, new Compression(codec), _ => { });
        }

        Assert.Equal(before, await table.ReadAsync());
    }

    [Fact]
    public async Task A_hint_that_is_behind_and_a_compressed_metadata_file_lead_to_the_newest_snapshot()
    {
        using TableCopy table = new("iceberg/append_days");
        TableContent before = await table.ReadAsync();
        table.Write("metadata/version-hint.text", "4\n");
        string newest = table.Find("v6.metadata.json");
        await using (FileStream compressed = File.Create(newest.Replace("v6.", "v6.gz.", StringComparison.Ordinal)))
        await using (System.IO.Compression.GZipStream gzip = new(compressed, System.IO.Compression.CompressionLevel.Fastest))
        {
            await gzip.WriteAsync(await File.ReadAllBytesAsync(newest, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        }

        File.Delete(newest);

        Assert.Equal(before, await table.ReadAsync());
    }

    [Fact]
    public async Task Metadata_that_are_missing_or_make_no_sense_are_named()
    {
        using TableCopy table = new("iceberg/append_days");

        table.Write("metadata/version-hint.text", "99");
        await table.MustBeRefusedAsync(null, "no metadata file of version 99");
        table.Write("metadata/version-hint.text", "soon");
        await table.MustBeRefusedAsync(null, "version-hint.text", "'soon'");
        table.Write("metadata/version-hint.text", "6");
        string json = await File.ReadAllTextAsync(table.Find("v6.metadata.json"), TestContext.Current.CancellationToken);
        foreach (string damaged in (string[])["", "no json", "[]", "{}", """{"format-version":2}""", json[..^200]])
        {
            table.Write("metadata/v6.metadata.json", damaged);
            await table.MustBeRefusedAsync(null, "v6.metadata.json", "makes no sense");
        }

        table.Write("metadata/v6.metadata.json", json.Replace("\"format-version\":1", "\"format-version\":4", StringComparison.Ordinal));
        await table.MustBeRefusedAsync(null, "format version 4");
        table.Write("metadata/v6.metadata.json", json);
        table.Write("metadata/00006-5a5e5f0e-0000-0000-0000-000000000000.metadata.json", json);
        await table.MustBeRefusedAsync(null, "several metadata files of version 6");
    }

    [Fact]
    public async Task A_snapshot_that_is_not_there_is_named()
    {
        using TableCopy table = new("iceberg/append_days");

        await table.MustBeRefusedAsync("7", "no snapshot 7", "2980075421005364549");
        await table.MustBeRefusedAsync("2001-01-01", "no snapshot of 2001-01-01", "2026-11-23T09:45:29.833Z");
    }

    [Fact]
    public async Task Lists_and_manifests_that_are_cut_missing_or_something_else_are_named()
    {
        using TableCopy table = new("iceberg/append_days");
        const string List = "snap-2980075421005364549-*.avro";
        string list = table.Find(List);
        byte[] whole = await File.ReadAllBytesAsync(list, TestContext.Current.CancellationToken);
        string manifest = table.Find("29448598*-m0.avro");

        table.Cut("29448598*-m0.avro");
        await table.MustBeRefusedAsync(null, Path.GetFileName(manifest), "no whole Avro file");
        File.Delete(manifest);
        await table.MustBeRefusedAsync(null, Path.GetFileName(manifest), "which is not there");
        foreach (byte[] damaged in (byte[][])[[], whole[..^20], "not avro"u8.ToArray(), whole[..3]])
        {
            await File.WriteAllBytesAsync(list, damaged, TestContext.Current.CancellationToken);
            await table.MustBeRefusedAsync(null, Path.GetFileName(list), "no whole Avro file");
        }

        File.Delete(list);
        await table.MustBeRefusedAsync(null, Path.GetFileName(list), "which is not there");
    }

    [Theory]
    [InlineData("/lake/iceberg/append_days/../other/part.parquet", "lies outside of its folder")]
    [InlineData("/elsewhere/part.parquet", "lies outside of its location")]
    [InlineData("s3://lake/iceberg/append_days/part.parquet", "lies outside of its location")]
    [InlineData("/lake/iceberg/append_days/part.parquet", "which is not there")]
    public async Task Files_that_are_missing_or_lie_elsewhere_are_named(string path, string what)
    {
        using TableCopy table = new("iceberg/append_days");
        RewriteFiles(table, file => file.Add("file_path", path));

        await table.MustBeRefusedAsync(null, "part.parquet", what);
    }

    [Fact]
    public async Task What_is_not_read_is_named()
    {
        using TableCopy table = new("iceberg/append_days");

        RewriteFiles(table, file => file.Add("file_format", "ORC"));
        await table.MustBeRefusedAsync(null, "in the format ORC");
        RewriteFiles(table, file => file.Add("key_metadata", new byte[] { 1 }));
        await table.MustBeRefusedAsync(null, "which is encrypted");
    }

    [Fact]
    public async Task Files_without_field_ids_are_refused_and_not_read_by_name()
    {
        using TableCopy table = new("iceberg/promoted");
        string file = table.Find("*.parquet");
        Duck.Query($"COPY (SELECT * FROM read_parquet('{file}')) TO '{file}.new' (FORMAT parquet)");
        File.Move(file + ".new", file, overwrite: true);

        await table.MustBeRefusedAsync(null, "without field ids", Path.GetFileName(file));
    }

    [Fact]
    public async Task A_damaged_vector_is_named()
    {
        using TableCopy table = new("iceberg/deletion_vectors_v3");
        foreach (string file in Directory.EnumerateFiles(table.Path, "*.puffin", SearchOption.AllDirectories))
        {
            byte[] content = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            content[100] ^= 1;
            await File.WriteAllBytesAsync(file, content, TestContext.Current.CancellationToken);
        }

        await table.MustBeRefusedAsync(null, ".puffin", "do not match their checksum");
    }

    [Fact]
    public async Task A_folder_with_the_metadata_of_two_formats_wants_to_be_told_which_counts()
    {
        using TableCopy table = new("iceberg/append_days");
        table.Write("_delta_log/00000000000000000000.json", "");

        await table.MustBeRefusedAsync(null, "several formats: Delta, Iceberg");
        ForeignTable found = await TableFinder.OpenAsync(Path.Combine(table.Path, "metadata"), HistoryPoint.Now, TestContext.Current.CancellationToken);
        Assert.StartsWith("Iceberg table", found.Name, StringComparison.Ordinal);
    }

    /// <summary>Tables of version 1 keep a field of the partitioning that is dropped, as one without values, and a table that has only such is not partitioned.</summary>
    [Fact]
    public async Task Deletions_by_values_concern_all_partitions_where_every_field_of_the_partitioning_was_dropped()
    {
        const string Field = """{"name":"page","transform":"void","source-id":4,"field-id":1000}""";
        using TableCopy table = new("iceberg/equality_deletes");
        TableContent before = await table.ReadAsync();
        table.Replace("v9.metadata.json", """{"spec-id":0,"fields":[]}""", $$"""{"spec-id":0,"fields":[]},{"spec-id":1,"fields":[{{Field}}]}""");
        List<string> manifests = [];
        Rewrite(table.Find("snap-5849564644203029172-*.avro"), Codec.CreateCodec(Codec.Type.Null), manifest =>
        {
            if (manifest["content"] is 1)
            {
                manifest.Add("partition_spec_id", 1);
                manifests.Add(Path.GetFileName((string)manifest["manifest_path"]));
            }
        });
        Assert.Equal(3, manifests.Count);
        foreach (string manifest in manifests)
        {
            Rewrite(table.Find(manifest), Codec.CreateCodec(Codec.Type.Null), _ => { }, WithPartitionField);
        }

        Assert.Equal(before, await table.ReadAsync());
    }

    private static string WithPartitionField(string schema)
    {
        const string None = "\"name\":\"r102\",\"fields\":[]";
        Assert.Contains(None, schema, StringComparison.Ordinal);
        return schema.Replace(
            None, "\"name\":\"r102\",\"fields\":[{\"name\":\"page\",\"type\":[\"null\",\"string\"],\"default\":null,\"field-id\":1000}]", StringComparison.Ordinal);
    }

    private static void RewriteFiles(TableCopy table, Action<GenericRecord> change) => Rewrite(
        table.Find("29448598*-m0.avro"), Codec.CreateCodec(Codec.Type.Null), entry => change((GenericRecord)entry["data_file"]));

    /// <summary>Writes a file of records anew, with another schema if one is made of its own.</summary>
    private static void Rewrite(string path, Codec codec, Action<GenericRecord> change, Func<string, string>? reshape = null)
    {
        List<GenericRecord> rows = [];
        using MemoryStream target = new();
        using (IFileReader<GenericRecord> reader = DataFileReader<GenericRecord>.OpenReader(new MemoryStream(File.ReadAllBytes(path))))
        {
            while (reader.HasNext())
            {
                rows.Add(reader.Next());
            }

            global::Avro.Schema schema = reshape is null ? reader.GetSchema() : global::Avro.Schema.Parse(reshape(reader.GetSchema().ToString()));
            using IFileWriter<GenericRecord> writer = DataFileWriter<GenericRecord>.OpenWriter(new GenericDatumWriter<GenericRecord>(schema), target, codec);
            foreach (GenericRecord row in rows)
            {
                change(row);
                writer.Append(reshape is null ? row : With((global::Avro.RecordSchema)schema, row));
            }
        }

        File.WriteAllBytes(path, target.ToArray());
    }

    /// <summary>The record with another schema; fields that it has not are null.</summary>
    private static GenericRecord With(global::Avro.RecordSchema schema, GenericRecord record)
    {
        GenericRecord with = new(schema);
        foreach (global::Avro.Field field in schema.Fields)
        {
            record.TryGetValue(field.Name, out object value);
            with.Add(field.Name, value is GenericRecord inner && field.Schema is global::Avro.RecordSchema of ? With(of, inner) : value);
        }

        return with;
    }

    private sealed class Compression(string name) : Codec
    {
        public override byte[] Compress(byte[] uncompressedData)
        {
            if (name == "zstandard")
            {
                using Compressor compressor = new();
                return compressor.Wrap(uncompressedData).ToArray();
            }

            byte[] checksum = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(checksum, Crc32.HashToUInt32(uncompressedData));
            return [.. Snappy.CompressToArray(uncompressedData), .. checksum];
        }

        public override void Compress(MemoryStream inputStream, MemoryStream outputStream) => outputStream.Write(Compress(inputStream.ToArray()));

        public override byte[] Decompress(byte[] compressedData, int blockLength) => throw new NotSupportedException();

        public override string GetName() => name;

        public override bool Equals(object? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => name.Length;
    }
}
