using System.Text;
using Lambda.Definition;
using Lambda.Hosting.Ingest;
using Lambda.Log;
using Lambda.Views;
using Xunit;

namespace Lambda.Host.Tests.Ingest;

/// <summary>A stream to take files into, and what is read from them.</summary>
internal static class Streams
{
    public sealed record Reading(string Id, DateTime At, long? Whole, double? Real, decimal? Exact, bool? Flag, string? Text);

    public sealed record Parcel(string Id, DateTime At, Place? Address, string[]? Tags, DateOnly? Due, Guid? Number);

    public sealed record Place(string City);

    public static StreamDefinition Readings { get; } =
        ((IStreamBuilder)new StreamBuilder<Reading>("readings").EventTime(r => r.At).EventId(r => r.Id).PartitionBy(r => r.Id)).Build();

    public static StreamDefinition Parcels { get; } = ((IStreamBuilder)new StreamBuilder<Parcel>("parcels").EventTime(r => r.At)).Build();

    /// <summary>All records of a file, read in batches of a few.</summary>
    public static async Task<List<(string Key, string Value)>> ReadAllAsync(EventFile file, int batchRecords)
    {
        List<(string Key, string Value)> records = [];
        using RecordBatch batch = new(batchRecords, 1 << 20);
        bool more = true;
        while (more)
        {
            batch.Clear();
            more = await file.ReadAsync(batch, TestContext.Current.CancellationToken);
            for (int i = 0; i < batch.Count; i++)
            {
                records.Add((Encoding.UTF8.GetString(batch.Key(i)), Encoding.UTF8.GetString(batch.Value(i))));
            }
        }

        return records;
    }
}
