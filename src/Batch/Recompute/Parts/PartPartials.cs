using Lambda.Aggregation.Encoding;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Views.Partials;
using Lambda.Views.Plans;

namespace Lambda.Batch.Recompute.Parts;

/// <summary>Some partials of a kind and a view, the latter by its place in the plan.</summary>
internal sealed record PartPartials(PartialKind Kind, int View, PartialBatch Partials)
{
    private const string What = "partials of a part";
    private const int RowsPerBlock = 4096;
    private const int SegmentBytes = 16 << 20;
    private static readonly PartialKind[] Kinds = [PartialKind.Kept, PartialKind.Duplicate, PartialKind.Quarantined];

    /// <summary>All partials as files of some megabytes each, one after the other so that no more than one is in memory.</summary>
    public static IEnumerable<byte[]> ToFiles(PartialsByKind partials, StreamPlan plan, PartIdentity identity)
    {
        ByteWriter writer = Begin(identity);
        int empty = writer.Length;
        foreach (PartialKind kind in Kinds)
        {
            for (int view = 0; view < plan.Views.Count; view++)
            {
                PartialBatch all = partials.Collected(kind, view);
                for (int first = 0; first < all.Count; first += RowsPerBlock)
                {
                    writer.WriteUnsigned((ulong)kind);
                    writer.WriteUnsigned((ulong)view);
                    PartialBatchCodec.Write(writer, all, first, Math.Min(all.Count, first + RowsPerBlock));
                    if (writer.Length >= SegmentBytes)
                    {
                        yield return PartFile.Seal(writer.ToArray());
                        writer = Begin(identity);
                    }
                }
            }
        }

        if (writer.Length > empty)
        {
            yield return PartFile.Seal(writer.ToArray());
        }
    }

    /// <summary>Reads a file of partials.</summary>
    /// <exception cref="PartFormatException">It is something else.</exception>
    public static IReadOnlyList<PartPartials> FromFile(ReadOnlySpan<byte> file, string name, StreamPlan plan, PartIdentity identity)
    {
        try
        {
            ByteReader reader = new(PartFile.Open(file, name), PartFile.Version, What);
            identity.Require(ref reader, name);
            List<PartPartials> found = [];
            while (!reader.IsAtEnd)
            {
                ulong kind = reader.ReadUnsigned();
                ulong view = reader.ReadUnsigned();
                if (!Kinds.Contains((PartialKind)kind) || view >= (ulong)plan.Views.Count)
                {
                    throw reader.Malformed($"there is no view {view} or kind {kind}");
                }

                found.Add(new PartPartials((PartialKind)kind, (int)view, PartialBatchCodec.Read(ref reader, plan.Views[(int)view].View.Layout)));
            }

            return found;
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            throw PartResult.Unreadable(name, error);
        }
    }

    private static ByteWriter Begin(PartIdentity identity)
    {
        ByteWriter writer = new(PartFile.Version);
        identity.Write(writer);
        return writer;
    }
}
