using Lambda.Aggregation.Values;
using Lambda.Events;

namespace Lambda.Aggregation.Functions;

/// <summary>A value with its event's moment, or none: the state of First and Last.</summary>
internal struct TimedState<T>
{
    public T Value;
    public EventMoment Moment;
    public bool HasValue;
}

/// <summary>That state at rest: value, time, partition and offset, all null when there is none.</summary>
internal static class TimedColumns<T, TCodec>
    where TCodec : struct, IValueCodec<T>
{
    public static readonly IReadOnlyList<StateColumn> Columns =
    [
        new StateColumn("value", TCodec.Column, IsNullable: true),
        new StateColumn("time", ColumnType.Timestamp, IsNullable: true),
        new StateColumn("partition", ColumnType.Int32, IsNullable: true),
        new StateColumn("offset", ColumnType.Int64, IsNullable: true),
    ];

    public static void Write(in TimedState<T> state, StateWriter writer)
    {
        if (!state.HasValue)
        {
            for (int i = 0; i < Columns.Count; i++)
            {
                writer.WriteNull();
            }

            return;
        }

        TCodec.WriteColumn(state.Value, writer);
        writer.WriteInt64(state.Moment.Time);
        writer.WriteInt32(state.Moment.Partition);
        writer.WriteInt64(state.Moment.Offset);
    }

    public static TimedState<T> Read(StateReader reader)
    {
        if (reader.IsNull)
        {
            for (int i = 0; i < Columns.Count; i++)
            {
                reader.Skip();
            }

            return default;
        }

        T value = TCodec.ReadColumn(reader);
        EventMoment moment = new(reader.ReadInt64(), reader.ReadInt32(), reader.ReadInt64());
        return new TimedState<T> { Value = value, Moment = moment, HasValue = true };
    }
}
