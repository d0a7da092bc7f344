using Lambda.Events;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Keys;

namespace Lambda.Testing.Shapes;

/// <summary>Keys and results by name.</summary>
internal sealed class NamedShape(ViewDefinition view) : IRowShape<NamedValues, NamedValues>
{
    private readonly string[] _keys = [.. view.Keys.Select(key => key.Name)];
    private readonly string[] _results = [.. view.Aggregates.Select(aggregate => aggregate.Name)];

    public NamedValues Key(GroupKey key) => new(view.Name, _keys, [.. view.Keys.Zip(key.Parts, Shown)]);

    public NamedValues Result(IReadOnlyList<object?> results) => new(view.Name, _results, results);

    private static object? Shown(KeyDefinition key, object? part) =>
        key.Type == ColumnType.Timestamp && part is long microseconds ? UtcMicroseconds.ToDateTimeOffset(microseconds) : part;
}
