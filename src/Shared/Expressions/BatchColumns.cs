using System.Linq.Expressions;
using Lambda.Events;
using Lambda.Events.Texts;
using Lambda.Time;

namespace Lambda.Expressions;

/// <summary>The columns that a kernel reads, fetched into locals before its loop starts.</summary>
internal sealed class BatchColumns(ParameterExpression batch)
{
    private readonly Dictionary<EventMember, ParameterExpression> _values = [];
    private readonly Dictionary<EventMember, ParameterExpression> _nulls = [];
    private readonly List<Expression> _prologue = [];
    private readonly Dictionary<Type, ParameterExpression> _parsed = [];
    private ParameterExpression? _dictionary;

    /// <summary>The locals that hold arrays.</summary>
    public IEnumerable<ParameterExpression> Locals =>
        [.. _values.Values, .. _nulls.Values, .. _parsed.Values, .. _dictionary is null ? Array.Empty<ParameterExpression>() : [_dictionary]];

    /// <summary>Fills the locals.</summary>
    public IEnumerable<Expression> Prologue => _prologue;

    /// <summary>The batch's string dictionary.</summary>
    public Expression Dictionary
    {
        get
        {
            if (_dictionary is null)
            {
                _dictionary = Expression.Variable(typeof(StringDictionary), "dictionary");
                _prologue.Add(Expression.Assign(_dictionary, Expression.Property(batch, nameof(EventBatch.Dictionary))));
            }

            return _dictionary;
        }
    }

    /// <summary>The member's value in a row, of the member's C# type.</summary>
    public Expression Read(EventMember member, Expression row)
    {
        if (member.Type == ColumnType.String && member.Form is null)
        {
            return Expression.Call(Dictionary, nameof(StringDictionary.GetString), null, StringId(member, row));
        }

        Type type = member.Property.PropertyType;
        Expression value = Plain(member, row);
        return member.IsNullable
            ? Expression.Condition(Expression.ArrayIndex(Nulls(member), row), Expression.Default(type), Expression.Convert(value, type))
            : value;
    }

    /// <summary>The value of a row in which it is not null, of <see cref="EventMember.PlainType"/>.</summary>
    private Expression Plain(EventMember member, Expression row)
    {
        if (member.Form is not null)
        {
            return Expression.Call(Parsed(member.PlainType), nameof(ParsedTexts<>.Get), null, StringId(member, row));
        }

        Expression value = Raw(member, row);
        return member.Type != ColumnType.Timestamp
            ? value.Type == member.PlainType ? value : Expression.Convert(value, member.PlainType)
            : Expression.Call(
                typeof(UtcMicroseconds),
                member.PlainType == typeof(DateTime) ? nameof(UtcMicroseconds.ToDateTime) : nameof(UtcMicroseconds.ToDateTimeOffset),
                null,
                value);
    }

    /// <summary>The value as the column holds it; instants as microseconds.</summary>
    public Expression Raw(EventMember member, Expression row) => Expression.ArrayIndex(Values(member), row);

    /// <summary>The dictionary id of a string member.</summary>
    public Expression StringId(EventMember member, Expression row) => Expression.ArrayIndex(Values(member), row);

    private ParameterExpression Values(EventMember member)
    {
        if (!_values.TryGetValue(member, out ParameterExpression? local))
        {
            (Type column, Type element, string property) = member.Type switch
            {
                ColumnType.String => (typeof(DictionaryColumn), typeof(int), nameof(DictionaryColumn.Ids)),
                ColumnType.Boolean => (typeof(Column<bool>), typeof(bool), nameof(Column<>.Values)),
                ColumnType.Int32 => (typeof(Column<int>), typeof(int), nameof(Column<>.Values)),
                ColumnType.Double => (typeof(Column<double>), typeof(double), nameof(Column<>.Values)),
                ColumnType.Decimal => (typeof(Column<decimal>), typeof(decimal), nameof(Column<>.Values)),
                _ => (typeof(Column<long>), typeof(long), nameof(Column<>.Values)),
            };
            local = Expression.Variable(element.MakeArrayType(), member.JsonName);
            _values.Add(member, local);
            _prologue.Add(Expression.Assign(local, Expression.Property(Expression.Convert(Column(member), column), property)));
        }

        return local;
    }

    private ParameterExpression Parsed(Type type)
    {
        if (!_parsed.TryGetValue(type, out ParameterExpression? local))
        {
            local = Expression.Variable(typeof(ParsedTexts<>).MakeGenericType(type), type.Name);
            _parsed.Add(type, local);
            _prologue.Add(Expression.Assign(local, Expression.Call(Dictionary, nameof(StringDictionary.Parsed), [type])));
        }

        return local;
    }

    private ParameterExpression Nulls(EventMember member)
    {
        if (!_nulls.TryGetValue(member, out ParameterExpression? local))
        {
            local = Expression.Variable(typeof(bool[]), member.JsonName + "_nulls");
            _nulls.Add(member, local);
            _prologue.Add(Expression.Assign(local, Expression.Property(Column(member), nameof(Lambda.Events.Column.Nulls))));
        }

        return local;
    }

    private IndexExpression Column(EventMember member) =>
        Expression.Property(batch, "Item", Expression.Constant(member));
}
