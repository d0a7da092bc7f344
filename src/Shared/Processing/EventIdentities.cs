using System.Runtime.InteropServices;
using Lambda.Events;

namespace Lambda.Processing;

/// <summary>Reads the ids of events as bytes, whatever type the member that holds them is of.</summary>
internal sealed class EventIdentities(EventMember eventId, EventSchema schema)
{
    /// <summary>Room for the bytes of an id that is a number.</summary>
    public const int BufferSize = sizeof(long);

    /// <summary>What a batch has to carry for its ids to be read.</summary>
    public Projection Projection { get; } = Projection.Of(schema, []).With(eventId, ColumnForm.Values);

    /// <summary>The hashes of the ids of all rows; 0 for a row that has none.</summary>
    /// <param name="batch">The events.</param>
    /// <param name="hashes">Room for as many as there are rows.</param>
    public void Hash(EventBatch batch, Span<ulong> hashes)
    {
        Column ids = batch[eventId]!;
        bool[]? nulls = ids.Nulls;
        if (ids is TextColumn text)
        {
            for (int row = 0; row < batch.Count; row++)
            {
                hashes[row] = nulls is not null && nulls[row] ? 0 : IdentityHash.OfId(text.Utf8(row));
            }

            return;
        }

        Span<byte> buffer = stackalloc byte[BufferSize];
        for (int row = 0; row < batch.Count; row++)
        {
            hashes[row] = TryRead(batch, row, buffer, out ReadOnlySpan<byte> id) ? IdentityHash.OfId(id) : 0;
        }
    }

    /// <summary>The bytes of a row's id; false when it has none.</summary>
    /// <param name="batch">The events.</param>
    /// <param name="row">The row.</param>
    /// <param name="buffer">Of <see cref="BufferSize"/> bytes; <paramref name="id"/> may lie in it.</param>
    /// <param name="id">Equal exactly for equal ids.</param>
    public bool TryRead(EventBatch batch, int row, Span<byte> buffer, out ReadOnlySpan<byte> id)
    {
        Column ids = batch[eventId]!;
        if (ids.Nulls is { } nulls && nulls[row])
        {
            id = default;
            return false;
        }

        switch (ids)
        {
            case TextColumn text:
                id = text.Utf8(row);
                return true;
            case Column<int> integers:
                MemoryMarshal.Write(buffer, (long)integers.Values[row]);
                break;
            default:
                MemoryMarshal.Write(buffer, ((Column<long>)ids).Values[row]);
                break;
        }

        id = buffer;
        return true;
    }
}
