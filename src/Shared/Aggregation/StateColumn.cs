using Lambda.Events;

namespace Lambda.Aggregation;

/// <summary>One column of an accumulator's state at rest.</summary>
/// <param name="Name">What the column holds, in lower case; empty when the state has a single column, which is then named after the aggregate.</param>
/// <param name="Type">Its type; numbers wherever SQL can add them, <see cref="ColumnType.Bytes"/> for encodings.</param>
/// <param name="IsNullable">Whether the state may hold null there, as the minimum of nothing does.</param>
public sealed record StateColumn(string Name, ColumnType Type, bool IsNullable = false);
