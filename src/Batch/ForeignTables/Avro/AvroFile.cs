using Avro.File;
using Avro.Generic;

namespace Lambda.Batch.ForeignTables.Avro;

/// <summary>A file of Avro records, as the formats keep lists in.</summary>
internal static class AvroFile
{
    static AvroFile() => Codec.RegisterResolver(AvroCodecs.Find);

    /// <summary>Reads a file whole.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="folder">The table.</param>
    /// <param name="where">The file, as a message names it.</param>
    /// <exception cref="ForeignTableException">It is damaged, or something else.</exception>
    public static List<AvroRow> Read(byte[] content, TableFolder folder, string where)
    {
        try
        {
            using MemoryStream stream = new(content, writable: false);
            using IFileReader<GenericRecord> reader = DataFileReader<GenericRecord>.OpenReader(stream);
            List<AvroRow> rows = [];
            while (reader.HasNext())
            {
                rows.Add(new AvroRow(reader.Next()));
            }

            return rows;
        }
        catch (Exception error)
        {
            // Damaged bytes end in any exception at all.
            throw folder.Refuse($"has the file '{where}', which is no whole Avro file: {error.Message.TrimEnd('.')}. Restore it from a copy, or read another version", error);
        }
    }
}
