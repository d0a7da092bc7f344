using Lambda.Aggregation.Encoding;
using Lambda.Events;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;

namespace Lambda.Batch.Recompute.Parts;

/// <summary>What a part has come to, its partials aside.</summary>
/// <param name="Attempt">Whose files of partials are part of it.</param>
/// <param name="Worker">Who computed it, for people.</param>
/// <param name="Segments">How many files of partials there are.</param>
/// <param name="RowsByDate">By date, how many events were read.</param>
/// <param name="Overtaken">How many events before those that were read do not count any more because of these.</param>
/// <param name="Repetitions">Events removed as repetitions.</param>
/// <param name="Refused">Events refused by row checks or expressions.</param>
/// <param name="Coverage">The offsets that were met.</param>
internal sealed record PartResult(
    Guid Attempt,
    string Worker,
    int Segments,
    IReadOnlyDictionary<DateOnly, long> RowsByDate,
    long Overtaken,
    IReadOnlyCollection<LogPosition> Repetitions,
    IReadOnlyCollection<RefusedRow> Refused,
    OffsetCoverage Coverage)
{
    private const string What = "the result of a part";

    /// <summary>The file of it.</summary>
    public byte[] ToFile(PartIdentity identity)
    {
        ByteWriter writer = new(PartFile.Version);
        identity.Write(writer);
        Attempt.TryWriteBytes(writer.Take(16));
        writer.WriteText(Worker);
        writer.WriteUnsigned((ulong)Segments);
        writer.WriteUnsigned((ulong)RowsByDate.Count);
        foreach ((DateOnly date, long rows) in RowsByDate)
        {
            writer.WriteUnsigned((ulong)date.DayNumber);
            writer.WriteUnsigned((ulong)rows);
        }

        writer.WriteUnsigned((ulong)Overtaken);
        PositionCodec.Write(writer, Repetitions);
        WriteRefused(writer);
        CoverageCodec.Write(writer, Coverage);
        return PartFile.Seal(writer.ToArray());
    }

    /// <summary>Reads the file of a part.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">The file as messages name it.</param>
    /// <param name="identity">The part that it has to be of.</param>
    /// <param name="start">Per partition the first offset that has to be accounted for.</param>
    /// <param name="boundary">Per partition the first offset that has not.</param>
    /// <exception cref="PartFormatException">It is something else.</exception>
    public static PartResult FromFile(ReadOnlySpan<byte> file, string name, PartIdentity identity, Boundary start, Boundary boundary)
    {
        try
        {
            ByteReader reader = new(PartFile.Open(file, name), PartFile.Version, What);
            identity.Require(ref reader, name);
            Guid attempt = new(reader.Take(16));
            string worker = reader.ReadText();
            int segments = (int)reader.ReadUnsigned();
            Dictionary<DateOnly, long> rows = [];
            for (int left = reader.ReadCount(); left > 0; left--)
            {
                rows.Add(DateOnly.FromDayNumber((int)reader.ReadUnsigned()), (long)reader.ReadUnsigned());
            }

            long overtaken = (long)reader.ReadUnsigned();
            IReadOnlyCollection<LogPosition> repetitions = PositionCodec.Read(ref reader);
            IReadOnlyCollection<RefusedRow> refused = ReadRefused(ref reader);
            OffsetCoverage coverage = new(start, boundary);
            CoverageCodec.Read(ref reader, coverage);
            reader.End();
            return new PartResult(attempt, worker, segments, rows, overtaken, repetitions, refused, coverage);
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            throw Unreadable(name, error);
        }
    }

    /// <summary>What to throw for a file whose checksum is right and whose content is not.</summary>
    public static PartFormatException Unreadable(string name, Exception error) => new(
        $"'{name}' cannot be read, though its checksum is right: {error.Message} Run the same version of the program in all batch processes.");

    private void WriteRefused(ByteWriter writer)
    {
        RefusedColumns columns = new();
        foreach (RefusedRow row in Refused)
        {
            columns.Add(row);
        }

        writer.WriteUnsigned((ulong)Refused.Count);
        foreach (ColumnBuffer column in columns.All)
        {
            ColumnCodec.Write(writer, column, 0, Refused.Count);
        }
    }

    private static List<RefusedRow> ReadRefused(ref ByteReader reader)
    {
        int count = reader.ReadCount();
        RefusedColumns columns = new();
        foreach (ColumnBuffer column in columns.All)
        {
            ColumnCodec.Read(ref reader, column, count);
        }

        return [.. Enumerable.Range(0, count).Select(row => columns[row])];
    }

    private sealed class RefusedColumns
    {
        private readonly ColumnBuffer<int> _partitions = new(ColumnType.Int32);
        private readonly ColumnBuffer<long> _offsets = new(ColumnType.Int64);
        private readonly ColumnBuffer<int> _days = new(ColumnType.Int32);
        private readonly ColumnBuffer<long> _appended = new(ColumnType.Timestamp);
        private readonly ColumnBuffer<int> _by = new(ColumnType.Int32);
        private readonly ColumnBuffer<int> _reasons = new(ColumnType.Int32);
        private readonly ColumnBuffer<string> _details = new(ColumnType.String);

        public IEnumerable<ColumnBuffer> All => [_partitions, _offsets, _days, _appended, _by, _reasons, _details];

        public RefusedRow this[int row] => new(
            new LogPosition(_partitions[row], _offsets[row]),
            DateOnly.FromDayNumber(_days[row]),
            _appended[row],
            (RefusedBy)_by[row],
            (RejectReason)_reasons[row],
            _details[row]);

        public void Add(RefusedRow row)
        {
            _partitions.Add(row.Position.Partition);
            _offsets.Add(row.Position.Offset);
            _days.Add(row.Date.DayNumber);
            _appended.Add(row.AppendedAt);
            _by.Add((int)row.By);
            _reasons.Add((int)row.Reason);
            _details.Add(row.Detail);
        }
    }
}
